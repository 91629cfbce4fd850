import { createHash } from 'node:crypto';

/** Id of the OpsItem about what a pull request broke: the double of AWS has it, and the branch or title that mends it names it. */
export function opsItemId(repository: string, number: number): string {
  return `oi-${createHash('sha1').update(`${repository}#${number}`).digest('hex').slice(0, 12)}`;
}
