/**
 * Every error that a user can meet, with its remedy. Codes are stable: documentation, alerts and tests refer to them.
 * `status` is the HTTP code of a query or resource answer; `source` says whose fault it is in Grafana's words.
 */
export const ERRORS = {
  QUERY_INVALID: { status: 400, source: 'downstream', remedy: 'Correct the named field of the query.' },
  RANGE_INVALID: { status: 400, source: 'downstream', remedy: 'Choose a time range whose end is after its start.' },
  RANGE_TOO_LONG: { status: 400, source: 'downstream', remedy: 'Choose a shorter time range or a longer interval.' },
  TEAM_UNKNOWN: { status: 400, source: 'downstream', remedy: 'Choose a team that the data source defines, or leave the team empty for all.' },
  SETTINGS_INVALID: { status: 400, source: 'downstream', remedy: 'Correct the named field in the data source settings.' },
  BODY_INVALID: { status: 400, source: 'downstream', remedy: 'Send a JSON object of the documented shape.' },
  BODY_TOO_LARGE: { status: 413, source: 'downstream', remedy: 'Send less at once.' },
  NOT_FOUND: { status: 404, source: 'downstream', remedy: 'Check the address against the documentation.' },
  METHOD_NOT_ALLOWED: { status: 405, source: 'downstream', remedy: 'Use the method that the documentation names.' },
  FORBIDDEN: { status: 403, source: 'downstream', remedy: 'Ask for the Editor role, or send a valid signature.' },
  EVENTS_LIMITED: { status: 429, source: 'downstream', remedy: 'Send the event again after the time in Retry-After; send fewer at once.' },
  SIGNATURE_INVALID: { status: 401, source: 'downstream', remedy: 'Use the same webhook secret on both sides.' },
  TARGET_FORBIDDEN: { status: 403, source: 'downstream', remedy: 'Enter an address that the administrator of Grafana allows (dora_allowed_hosts).' },
  GITHUB_TOKEN_MISSING: { status: 400, source: 'downstream', remedy: 'Enter a GitHub token in the data source settings.' },
  GITHUB_TOKEN_INVALID: { status: 401, source: 'downstream', remedy: 'Enter a valid, unexpired GitHub token in the data source settings.' },
  GITHUB_SCOPE_MISSING: { status: 403, source: 'downstream', remedy: 'Give the token read access to contents, pull requests and metadata of these repositories.' },
  GITHUB_REPOSITORY_GONE: { status: 404, source: 'downstream', remedy: 'Correct the repository name, or give the token access to it.' },
  GITHUB_NO_REPOSITORY_MATCHES: { status: 404, source: 'downstream', remedy: 'Correct the pattern, or give the token access to the repositories.' },
  GITHUB_RATE_LIMITED: { status: 429, source: 'downstream', remedy: 'Nothing to do: the synchronisation goes on when GitHub allows it.' },
  GITHUB_UNAVAILABLE: { status: 502, source: 'downstream', remedy: 'Nothing to do: the synchronisation tries again by itself. See githubstatus.com.' },
  GITHUB_UNREACHABLE: { status: 502, source: 'downstream', remedy: 'Check the API address, the network and the proxy of the Grafana server.' },
  GITHUB_PARTIAL: { status: 502, source: 'downstream', remedy: 'Nothing to do: the incomplete page is asked for again.' },
  GITHUB_ANSWER_UNEXPECTED: { status: 502, source: 'downstream', remedy: 'Check that the API address is a GitHub API; report the message if it is.' },
  AWS_CREDENTIALS_MISSING: { status: 400, source: 'downstream', remedy: 'Enter AWS credentials in the data source settings, or give them to the Grafana process and forward them to the plugin.' },
  AWS_CREDENTIALS_INVALID: { status: 401, source: 'downstream', remedy: 'Enter valid AWS credentials in the data source settings.' },
  AWS_CREDENTIALS_EXPIRED: { status: 401, source: 'downstream', remedy: 'Renew the AWS credentials; a role renews itself.' },
  AWS_AUTH_FORBIDDEN: { status: 403, source: 'downstream', remedy: 'Choose another way to authenticate, or ask the administrator of Grafana to allow this one.' },
  AWS_ROLE_DENIED: { status: 403, source: 'downstream', remedy: 'Check the ARN and the external id, and that the role trusts these credentials.' },
  AWS_ACCESS_DENIED: { status: 403, source: 'downstream', remedy: 'Give the role the named read permission.' },
  AWS_NO_PIPELINE_MATCHES: { status: 404, source: 'downstream', remedy: 'Correct the pattern, the account or the region.' },
  AWS_THROTTLED: { status: 429, source: 'downstream', remedy: 'Nothing to do: the synchronisation goes on when AWS allows it.' },
  AWS_UNAVAILABLE: { status: 502, source: 'downstream', remedy: 'Nothing to do: the synchronisation tries again by itself.' },
  AWS_UNREACHABLE: { status: 502, source: 'downstream', remedy: 'Check the region, the endpoint, the network and the proxy of the Grafana server.' },
  AWS_ANSWER_UNEXPECTED: { status: 502, source: 'downstream', remedy: 'Check the endpoint; report the message if it is right.' },
  STORE_UNAVAILABLE: { status: 500, source: 'plugin', remedy: 'Give the Grafana process a writable folder, or set dora_store.' },
  STORE_UNREACHABLE: { status: 500, source: 'plugin', remedy: 'Check the database server, the way to it, and the address and credentials in dora_store.' },
  STORE_NEWER: { status: 500, source: 'plugin', remedy: 'Install the later version of the plugin again, or let dora_store name an empty place.' },
  STORE_CORRUPT: { status: 500, source: 'plugin', remedy: 'Nothing to do: the file was set aside and the history is fetched again.' },
  DATA_SOURCE_TOO_LARGE: { status: 500, source: 'downstream', remedy: 'Name fewer repositories or a shorter lookback in a new data source, or raise dora_max_facts where the Grafana server has the memory.' },
  INTERNAL: { status: 500, source: 'plugin', remedy: 'Report the message with the log lines around it.' },
} as const satisfies Record<string, { status: number; source: 'plugin' | 'downstream'; remedy: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error that may be shown to a user: it has a code, a message without secrets and, for bad input, the field's path. */
export class DoraError extends Error {
  readonly code: ErrorCode;
  /** Path of the offending input, such as `teams[0].incidentWindow`; null when no single field is at fault. */
  readonly field: string | null;

  constructor(code: ErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'DoraError';
    this.code = code;
    this.field = options.field ?? null;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get errorSource(): 'plugin' | 'downstream' {
    return ERRORS[this.code].source;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }
}
