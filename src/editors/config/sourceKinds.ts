import type { StoredDeploymentSource, StoredIncidentSource } from './settings';

type NameOf<Source> = Exclude<keyof Source, 'from'> & string;

/** How one field of a source is edited; `filters` of OpsItems are one level deeper. */
export type SourceField<Source> = {
  label: string;
  help?: string;
  placeholder?: string;
  /** Where to look up names to choose from. */
  lookUp?: 'repositories' | 'pipelines' | 'environments';
} & (
  | { name: Exclude<NameOf<Source>, 'filters'>; kind: 'text' | 'names' | 'flag' }
  | (Source extends { filters?: infer Filters } ? { name: 'filters'; filter: keyof NonNullable<Filters> & string; kind: 'text' | 'names' | 'pairs' } : never)
);

export type SourceKinds<Source extends { from: string }> = {
  [From in Source['from']]: { label: string; help: string; fields: Array<SourceField<Extract<Source, { from: From }>>> };
};

export const DEPLOYMENT_KINDS: SourceKinds<StoredDeploymentSource> = {
  'merged-pull-requests': {
    label: 'Merged pull requests',
    help: 'Every merge to a production branch is a deployment. Right where merging delivers.',
    fields: [],
  },
  releases: {
    label: 'GitHub releases',
    help: 'Every published release is a deployment.',
    fields: [
      { name: 'tags', kind: 'names', label: 'Tags', placeholder: 'All tags, or patterns such as v*' },
      { name: 'prereleases', kind: 'flag', label: 'Pre-releases too' },
      { name: 'plainTags', kind: 'flag', label: 'Tags without a release too', help: 'A tag counts at its tagger’s date, or at its commit’s where it is not annotated.' },
    ],
  },
  'workflow-runs': {
    label: 'GitHub Actions runs',
    help: 'A finished run of a workflow that deploys.',
    fields: [
      { name: 'workflows', kind: 'names', label: 'Workflows', placeholder: 'All, or file names such as deploy.yml' },
      { name: 'branches', kind: 'names', label: 'Branches', placeholder: 'All, or patterns such as main' },
      { name: 'job', kind: 'text', label: 'Job', placeholder: 'The whole run', help: 'The job that brings it into production, where only that one counts.' },
    ],
  },
  'github-deployments': {
    label: 'GitHub deployments',
    help: 'Deployments that a tool reports to GitHub, by environment.',
    fields: [{ name: 'environments', kind: 'names', label: 'Environments', placeholder: 'production', lookUp: 'environments' }],
  },
  codepipeline: {
    label: 'AWS CodePipeline',
    help: 'Executions of pipelines. Needs the AWS connection below.',
    fields: [
      { name: 'pipelines', kind: 'names', label: 'Pipelines', placeholder: 'All, or patterns such as payments-*', lookUp: 'pipelines' },
      { name: 'stage', kind: 'text', label: 'Stage', placeholder: 'The whole execution', help: 'The stage that brings it into production.' },
      { name: 'account', kind: 'text', label: 'AWS account', placeholder: 'The main connection', help: 'Name of an account from the AWS section.' },
    ],
  },
  events: {
    label: 'Pushed events',
    help: 'Deployments that another tool posts to this data source.',
    fields: [{ name: 'services', kind: 'names', label: 'Services', placeholder: 'All, or patterns such as payments-*' }],
  },
};

const SERVICE = { name: 'service', kind: 'text', label: 'Service', placeholder: 'As the incident says', help: 'For incidents that name no service.' } as const;

export const INCIDENT_KINDS: SourceKinds<StoredIncidentSource> = {
  reverts: {
    label: 'Reverted changes',
    help: 'A revert that reaches production ends an incident that the reverted change began.',
    fields: [
      {
        name: 'patterns',
        kind: 'names',
        label: 'Other revert branches or titles',
        placeholder: '^rollback-(\\d+)$',
        help: 'Regular expressions with one group that captures the number of the reverted pull request. GitHub’s own reverts are always found.',
      },
      SERVICE,
    ],
  },
  'github-issues': {
    label: 'GitHub issues',
    help: 'Issues with a label, from creation to closing.',
    fields: [
      { name: 'repositories', kind: 'names', label: 'Repositories', placeholder: 'The team’s own', lookUp: 'repositories' },
      { name: 'labels', kind: 'names', label: 'Labels', placeholder: 'incident' },
      { name: 'title', kind: 'text', label: 'Title', placeholder: 'Any, or a regular expression' },
      { name: 'severityLabel', kind: 'text', label: 'Severity label', placeholder: 'sev*', help: 'Label that carries the severity.' },
      SERVICE,
    ],
  },
  'failed-deployments': {
    label: 'Failed deployments',
    help: 'From a failed deployment to the next one that succeeds.',
    fields: [SERVICE],
  },
  hotfixes: {
    label: 'Hotfixes',
    help: 'Changes that repair production, by branch or label.',
    fields: [
      { name: 'branches', kind: 'names', label: 'Branches', placeholder: 'hotfix/*' },
      { name: 'labels', kind: 'names', label: 'Labels', placeholder: 'hotfix' },
      SERVICE,
    ],
  },
  opsitems: {
    label: 'AWS OpsCenter',
    help: 'OpsItems of Systems Manager. Needs the AWS connection below.',
    fields: [
      { name: 'account', kind: 'text', label: 'AWS account', placeholder: 'The main connection', help: 'Name of an account from the AWS section.' },
      { name: 'filters', filter: 'source', kind: 'names', label: 'Source', placeholder: 'CloudWatch' },
      { name: 'filters', filter: 'severity', kind: 'names', label: 'Severity', placeholder: '1, 2' },
      { name: 'filters', filter: 'category', kind: 'names', label: 'Category', placeholder: 'Availability' },
      { name: 'filters', filter: 'title', kind: 'text', label: 'Title contains' },
      { name: 'filters', filter: 'status', kind: 'names', label: 'Status', placeholder: 'Any' },
      { name: 'filters', filter: 'type', kind: 'names', label: 'Type', placeholder: 'Any' },
      { name: 'filters', filter: 'operationalData', kind: 'pairs', label: 'Operational data', placeholder: 'key=value' },
      SERVICE,
    ],
  },
  events: {
    label: 'Pushed events',
    help: 'Incidents that another tool posts to this data source.',
    fields: [{ name: 'services', kind: 'names', label: 'Services', placeholder: 'All, or patterns such as payments-*' }, SERVICE],
  },
};
