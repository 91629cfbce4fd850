import { z } from 'zod';
import { parseDuration } from './duration';
import { misplacedSecrets } from './misplacedSecrets';
import { isTimeZone } from './timezone';
import { fieldPath } from './validation';

const text = z.string().trim().min(1).max(500);
const texts = z.array(text).max(1_000);
const duration = z.string().refine((value) => parseDuration(value) !== null, 'is not a duration such as 5m, 24h or 7d');
const pattern = z.string().max(500).refine(isRegularExpression, 'is not a regular expression');

/** It becomes part of a host name. */
const region = z
  .string()
  .trim()
  .regex(/^[a-z0-9-]{1,40}$/, 'is not an AWS region such as us-east-1');

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

const deploymentSource = z.discriminatedUnion('from', [
  z.object({ from: z.literal('merged-pull-requests') }),
  z.object({ from: z.literal('workflow-runs'), workflows: texts.optional(), branches: texts.optional(), job: text.optional() }),
  z.object({ from: z.literal('github-deployments'), environments: texts.optional() }),
  z.object({ from: z.literal('releases'), tags: z.union([text, texts]).optional(), prereleases: z.boolean().optional(), plainTags: z.boolean().optional() }),
  z.object({ from: z.literal('codepipeline'), account: text.optional(), pipelines: texts.optional(), stage: text.optional() }),
  z.object({ from: z.literal('events'), services: texts.optional() }),
]);

const opsItemFilters = z.object({
  source: texts.optional(),
  severity: texts.optional(),
  category: texts.optional(),
  title: text.optional(),
  status: texts.optional(),
  type: texts.optional(),
  operationalData: z.record(z.string(), text).optional(),
});

const incidentSource = z.discriminatedUnion('from', [
  z.object({ from: z.literal('reverts'), patterns: z.array(pattern).max(50).optional(), service: text.optional() }),
  z.object({
    from: z.literal('github-issues'),
    repositories: texts.optional(),
    labels: texts.optional(),
    title: pattern.optional(),
    severityLabel: text.optional(),
    service: text.optional(),
  }),
  z.object({ from: z.literal('opsitems'), account: text.optional(), filters: opsItemFilters.optional(), service: text.optional() }),
  z.object({ from: z.literal('hotfixes'), branches: texts.optional(), labels: texts.optional(), service: text.optional() }),
  z.object({ from: z.literal('failed-deployments'), service: text.optional() }),
  z.object({ from: z.literal('events'), services: texts.optional(), service: text.optional() }),
]);

const repositorySelection = z.union([
  text,
  z.object({ match: text, branches: texts.optional(), deployments: z.array(deploymentSource).max(20).optional() }),
]);

const service = z.object({
  name: text,
  repository: text.optional(),
  paths: texts.optional(),
  tags: z.union([text, texts]).optional(),
  pipelines: texts.optional(),
});

const team = z.object({
  name: text,
  repositories: z.array(repositorySelection).max(1_000).default([]),
  /** Production branches; null: each repository's default branch. */
  branches: texts.nullish().transform((value) => (value && value.length > 0 ? value : null)),
  services: z.array(service).max(1_000).default([]),
  exclude: z
    .object({
      authors: texts.optional(),
      labels: texts.optional(),
      titles: pattern.optional(),
      numbers: texts.optional(),
    })
    .default({})
    // Absent means bot authors; an explicit empty list means nobody.
    .transform((value) => ({ ...value, authors: value.authors ?? ['*[bot]'] })),
  directPushes: z.boolean().default(false),
  deployments: z.array(deploymentSource).max(20).default([{ from: 'merged-pull-requests' }]),
  incidents: z.array(incidentSource).max(20).default([{ from: 'reverts' }]),
  incidentWindow: duration.default('7d'),
});

const account = z.object({
  name: text,
  assumeRoleArn: text.optional(),
  externalId: text.optional(),
  regions: z.array(region).max(100).optional(),
});

const settingsWithoutTeams = z.object({
  github: z
    .object({
      apiUrl: z.url({ protocol: /^https?$/ }).default('https://api.github.com'),
      auth: z.enum(['token', 'app']).default('token'),
      appId: z.union([z.string(), z.number()]).transform(String).optional(),
      installationId: z.union([z.string(), z.number()]).transform(String).optional(),
    })
    .prefault({}),
  authType: z.enum(['default', 'keys', 'credentials', 'ec2_iam_role']).optional(),
  profile: z.string().optional(),
  assumeRoleArn: z.string().optional(),
  externalId: z.string().optional(),
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  defaultRegion: region.optional(),
  accounts: z.array(account).max(200).default([]),
  sync: z.object({ every: duration.default('5m'), lookback: duration.default('180d') }).prefault({}),
  timezone: z.string().refine(isTimeZone, 'is not an IANA time zone such as Europe/Berlin').default('UTC'),
  weekStart: z.enum(['monday', 'sunday']).default('monday'),
  publish: z.object({ cloudwatch: z.boolean().default(false), namespace: text.default('DORA') }).prefault({}),
});

export type DeploymentSourceSettings = z.infer<typeof deploymentSource>;
export type IncidentSourceSettings = z.infer<typeof incidentSource>;
export type RepositorySelection = z.infer<typeof repositorySelection>;
export type ServiceSettings = z.infer<typeof service>;
export type AccountSettings = z.infer<typeof account>;
export type TeamSettings = z.infer<typeof team>;
export type Settings = z.infer<typeof settingsWithoutTeams> & {
  teams: TeamSettings[];
  /**
   * Providers whose connection is wrongly set, with what is wrong: nobody may be called, for the defaults that stand in its
   * place would send the credentials somewhere else.
   */
  refused?: Partial<Record<'github' | 'aws', SettingsProblem>>;
};

/** What a user stores as `jsonData`: every field optional, as in the provisioning example of docs/configure.md. */
export type DoraJsonData = Partial<z.input<typeof settingsWithoutTeams>> & { teams?: Array<z.input<typeof team>> };

/** Names of the secrets in `secureJsonData`; their values never leave the backend process. */
export const SECRET_NAMES = ['githubToken', 'githubAppPrivateKey', 'accessKey', 'secretKey', 'sessionToken', 'webhookSecret'] as const;
export type SecretName = (typeof SECRET_NAMES)[number];
export type Secrets = Partial<Record<SecretName, string>>;

export interface SettingsProblem {
  /** Path in `jsonData`, such as `teams[1].deployments[0].from`. */
  field: string;
  message: string;
}

/**
 * Settings with defaults, and what is wrong in them. A team with a problem is left out and named; the other teams
 * go on. A problem outside the teams leaves that part at its default.
 */
export function parseSettings(json: unknown): { settings: Settings; problems: SettingsProblem[] } {
  const problems: SettingsProblem[] = [];
  const source: Record<string, unknown> = typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : {};
  if (json !== undefined && json !== null && (typeof json !== 'object' || Array.isArray(json))) {
    problems.push({ field: 'jsonData', message: 'is not an object' });
  }
  const misplaced = misplacedSecrets(source);
  problems.push(...misplaced.map(({ field, message }) => ({ field, message })));
  const holdsSecret = (...path: PropertyKey[]): boolean => misplaced.some((secret) => path.every((key, index) => secret.path[index] === key));
  const rest: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(settingsWithoutTeams.shape)) {
    // Cleared inputs are stored as empty strings or null.
    const value = source[key] === '' || source[key] === null ? undefined : source[key];
    const parsed = schema.safeParse(value);
    if (parsed.success && !holdsSecret(key)) {
      rest[key] = parsed.data;
      continue;
    }
    for (const issue of parsed.error?.issues ?? []) {
      problems.push({ field: fieldPath([key, ...issue.path]), message: issue.message });
    }
    rest[key] = schema.safeParse(undefined).data;
  }
  const teams: TeamSettings[] = [];
  if (source.teams !== undefined && source.teams !== null && !Array.isArray(source.teams)) {
    problems.push({ field: 'teams', message: 'is not a list' });
  }
  const listed: unknown[] = Array.isArray(source.teams) ? source.teams : [];
  listed.forEach((candidate, index) => {
    const parsed = team.safeParse(candidate);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        problems.push({ field: fieldPath(['teams', index, ...issue.path]), message: issue.message });
      }
    } else if (holdsSecret('teams', index)) {
      // Named above already.
    } else if (teams.some((other) => other.name === parsed.data.name)) {
      problems.push({ field: `teams[${index}].name`, message: `is used twice: ${parsed.data.name}` });
    } else {
      teams.push(parsed.data);
    }
  });
  const refused = refusedProviders(problems);
  return { settings: { ...settingsWithoutTeams.parse(rest), teams, ...(refused ? { refused } : {}) }, problems };
}

/** Fields by whose values AWS is called. */
const AWS_FIELDS = /^(?:authType|profile|assumeRoleArn|externalId|endpoint|defaultRegion|accounts)\b/;

function refusedProviders(problems: readonly SettingsProblem[]): Settings['refused'] {
  const github = problems.find(({ field }) => /^github\b/.test(field));
  const aws = problems.find(({ field }) => AWS_FIELDS.test(field));
  return github || aws ? { ...(github ? { github } : {}), ...(aws ? { aws } : {}) } : undefined;
}
