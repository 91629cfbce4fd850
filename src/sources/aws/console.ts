/** Address of the AWS console of a region; each partition has its own. */
export function consoleUrl(region: string, path: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.cn' : region.startsWith('us-gov-') ? 'amazonaws-us-gov.com' : 'aws.amazon.com';
  return `https://${region}.console.${domain}/${path}`;
}
