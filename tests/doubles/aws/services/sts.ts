import { matchesPattern } from '../../shared/patterns';
import { AwsError, type Answered, type Call } from '../call';
import { roleParts } from '../identities';

export const sts: Record<string, (call: Call) => Answered> = {
  GetCallerIdentity({ principal }) {
    return { output: { UserId: principal.userId, Account: principal.account, Arn: principal.arn }, items: 1 };
  },

  AssumeRole(call) {
    const { RoleArn: arn, RoleSessionName: name, ExternalId: externalId, DurationSeconds: duration } = call.input;
    if (typeof arn !== 'string' || typeof name !== 'string') {
      throw new AwsError('ValidationError', 'RoleArn and RoleSessionName are required');
    }
    const seconds = duration === undefined ? 3_600 : Number(duration);
    const role = call.identities.role(arn);
    const trusts = role && (role.trusts ?? ['*']).some((pattern) => matchesPattern(pattern, call.principal.arn));
    if (!role || !trusts || (role.externalId !== undefined && role.externalId !== externalId)) {
      throw new AwsError('AccessDenied', `User: ${call.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`, 403);
    }
    const session = call.identities.assume(role, name, call.now + seconds * 1_000);
    const [account, roleName] = roleParts(arn);
    return {
      output: {
        Credentials: { AccessKeyId: session.accessKeyId, SecretAccessKey: session.secretAccessKey, SessionToken: session.sessionToken, Expiration: new Date(session.expiresAt) },
        AssumedRoleUser: { AssumedRoleId: `AROADOUBLE${roleName}:${name}`, Arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${name}` },
      },
      items: 1,
    };
  },
};
