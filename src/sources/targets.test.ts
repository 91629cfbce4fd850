import { Targets } from './targets';

describe('where addresses of settings may lead', () => {
  it.each(['https://api.github.com', 'https://ghe.example.org/api/v3', 'http://127.0.0.1:8080', 'http://10.0.0.1', 'http://[::1]:8080'])('anywhere by default: %s', (address) => {
    expect(() => new Targets(undefined).assertAllowed(address, 'github.apiUrl')).not.toThrow();
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.170.2.',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/latest/meta-data',
    'http://168.63.129.16/',
    'http://METADATA.google.internal/computeMetadata/v1',
  ])('but not to where machines keep their credentials: %s', (address) => {
    expect(() => new Targets('').assertAllowed(address, 'endpoint')).toThrow(expect.objectContaining({ code: 'TARGET_FORBIDDEN', field: 'endpoint' }));
  });

  it.each(['file:///etc/passwd', 'unix:/run/docker.sock', 'https://user:secret1@ghe.example.org', 'nothing'])('nor to %s', (address) => {
    expect(() => new Targets('*').assertAllowed(address, 'endpoint')).toThrow(expect.objectContaining({ code: 'TARGET_FORBIDDEN', message: expect.not.stringContaining('secret1') }));
  });

  it('only where the administrator says, when he says so', () => {
    const some = new Targets('api.github.com, *.example.org\n169.254.1.1');
    for (const address of ['https://api.github.com', 'https://GHE.example.org/api/v3', 'http://169.254.1.1']) {
      expect(() => some.assertAllowed(address, 'github.apiUrl')).not.toThrow();
    }
    for (const address of ['https://example.org', 'https://api.github.com.evil.net', 'http://127.0.0.1', 'http://169.254.169.254']) {
      expect(() => some.assertAllowed(address, 'github.apiUrl')).toThrow('dora_allowed_hosts');
    }
  });

  it('looks where a name leads, and lets one pass that nobody can resolve', async () => {
    await expect(new Targets(undefined).assertResolved('http://localhost:1', 'github.apiUrl')).resolves.toBeUndefined();
    await expect(new Targets(undefined).assertResolved('http://nothing.invalid', 'github.apiUrl')).resolves.toBeUndefined();
    await expect(new Targets(undefined).assertResolved('http://169.254.169.254', 'github.apiUrl')).rejects.toMatchObject({ code: 'TARGET_FORBIDDEN' });
  });
});
