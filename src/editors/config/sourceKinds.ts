import { t } from '@grafana/i18n';
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

export function deploymentKinds(): SourceKinds<StoredDeploymentSource> {
  return {
    'merged-pull-requests': {
      label: t('source.deployment.merged-pull-requests.label', 'Merged pull requests'),
      help: t('source.deployment.merged-pull-requests.help', 'Every merge to a production branch is a deployment. Right where merging delivers.'),
      fields: [],
    },
    releases: {
      label: t('source.deployment.releases.label', 'GitHub releases'),
      help: t('source.deployment.releases.help', 'Every published release is a deployment.'),
      fields: [
        {
          name: 'tags',
          kind: 'names',
          label: t('source.deployment.releases.tags.label', 'Tags'),
          placeholder: t('source.deployment.releases.tags.placeholder', 'All tags, or patterns such as v*'),
        },
        { name: 'prereleases', kind: 'flag', label: t('source.deployment.releases.prereleases.label', 'Pre-releases too') },
        {
          name: 'plainTags',
          kind: 'flag',
          label: t('source.deployment.releases.plain-tags.label', 'Tags without a release too'),
          help: t('source.deployment.releases.plain-tags.help', 'A tag counts at its tagger’s date, or at its commit’s where it is not annotated.'),
        },
      ],
    },
    'workflow-runs': {
      label: t('source.deployment.workflow-runs.label', 'GitHub Actions runs'),
      help: t('source.deployment.workflow-runs.help', 'A finished run of a workflow that deploys.'),
      fields: [
        {
          name: 'workflows',
          kind: 'names',
          label: t('source.deployment.workflow-runs.workflows.label', 'Workflows'),
          placeholder: t('source.deployment.workflow-runs.workflows.placeholder', 'All, or file names such as deploy.yml'),
        },
        {
          name: 'branches',
          kind: 'names',
          label: t('source.deployment.workflow-runs.branches.label', 'Branches'),
          placeholder: t('source.deployment.workflow-runs.branches.placeholder', 'All, or patterns such as main'),
        },
        {
          name: 'job',
          kind: 'text',
          label: t('source.deployment.workflow-runs.job.label', 'Job'),
          placeholder: t('source.deployment.workflow-runs.job.placeholder', 'The whole run'),
          help: t('source.deployment.workflow-runs.job.help', 'The job that brings it into production, where only that one counts.'),
        },
      ],
    },
    'github-deployments': {
      label: t('source.deployment.github-deployments.label', 'GitHub deployments'),
      help: t('source.deployment.github-deployments.help', 'Deployments that a tool reports to GitHub, by environment.'),
      fields: [
        {
          name: 'environments',
          kind: 'names',
          label: t('source.deployment.github-deployments.environments.label', 'Environments'),
          placeholder: 'production',
          lookUp: 'environments',
        },
      ],
    },
    codepipeline: {
      label: t('source.deployment.codepipeline.label', 'AWS CodePipeline'),
      help: t('source.deployment.codepipeline.help', 'Executions of pipelines. Needs the AWS connection below.'),
      fields: [
        {
          name: 'pipelines',
          kind: 'names',
          label: t('source.deployment.codepipeline.pipelines.label', 'Pipelines'),
          placeholder: t('source.deployment.codepipeline.pipelines.placeholder', 'All, or patterns such as payments-*'),
          lookUp: 'pipelines',
        },
        {
          name: 'stage',
          kind: 'text',
          label: t('source.deployment.codepipeline.stage.label', 'Stage'),
          placeholder: t('source.deployment.codepipeline.stage.placeholder', 'The whole execution'),
          help: t('source.deployment.codepipeline.stage.help', 'The stage that brings it into production.'),
        },
        {
          name: 'account',
          kind: 'text',
          label: t('source.deployment.codepipeline.account.label', 'AWS account'),
          placeholder: t('source.deployment.codepipeline.account.placeholder', 'The main connection'),
          help: t('source.deployment.codepipeline.account.help', 'Name of an account from the AWS section.'),
        },
      ],
    },
    events: {
      label: t('source.deployment.events.label', 'Pushed events'),
      help: t('source.deployment.events.help', 'Deployments that another tool posts to this data source.'),
      fields: [
        {
          name: 'services',
          kind: 'names',
          label: t('source.deployment.events.services.label', 'Services'),
          placeholder: t('source.deployment.events.services.placeholder', 'All, or patterns such as payments-*'),
        },
      ],
    },
  };
}

function serviceField() {
  return {
    name: 'service',
    kind: 'text',
    label: t('source.service-field.label', 'Service'),
    placeholder: t('source.service-field.placeholder', 'As the incident says'),
    help: t('source.service-field.help', 'For incidents that name no service.'),
  } as const;
}

export function incidentKinds(): SourceKinds<StoredIncidentSource> {
  const service = serviceField();
  return {
    reverts: {
      label: t('source.incident.reverts.label', 'Reverted changes'),
      help: t('source.incident.reverts.help', 'A revert that reaches production ends an incident that the reverted change began.'),
      fields: [
        {
          name: 'patterns',
          kind: 'names',
          label: t('source.incident.reverts.patterns.label', 'Other revert branches or titles'),
          placeholder: '^rollback-(\\d+)$',
          help: t('source.incident.reverts.patterns.help', 'Regular expressions with one group that captures the number of the reverted pull request. GitHub’s own reverts are always found.'),
        },
        service,
      ],
    },
    'github-issues': {
      label: t('source.incident.github-issues.label', 'GitHub issues'),
      help: t('source.incident.github-issues.help', 'Issues with a label, from creation to closing.'),
      fields: [
        {
          name: 'repositories',
          kind: 'names',
          label: t('source.incident.github-issues.repositories.label', 'Repositories'),
          placeholder: t('source.incident.github-issues.repositories.placeholder', 'The team’s own'),
          lookUp: 'repositories',
        },
        { name: 'labels', kind: 'names', label: t('source.incident.github-issues.labels.label', 'Labels'), placeholder: 'incident' },
        {
          name: 'title',
          kind: 'text',
          label: t('source.incident.github-issues.title.label', 'Title'),
          placeholder: t('source.incident.github-issues.title.placeholder', 'Any, or a regular expression'),
        },
        {
          name: 'severityLabel',
          kind: 'text',
          label: t('source.incident.github-issues.severity-label.label', 'Severity label'),
          placeholder: 'sev*',
          help: t('source.incident.github-issues.severity-label.help', 'Label that carries the severity.'),
        },
        service,
      ],
    },
    'failed-deployments': {
      label: t('source.incident.failed-deployments.label', 'Failed deployments'),
      help: t('source.incident.failed-deployments.help', 'From a failed deployment to the next one that succeeds.'),
      fields: [service],
    },
    hotfixes: {
      label: t('source.incident.hotfixes.label', 'Hotfixes'),
      help: t('source.incident.hotfixes.help', 'Changes that repair production, by branch or label.'),
      fields: [
        { name: 'branches', kind: 'names', label: t('source.incident.hotfixes.branches.label', 'Branches'), placeholder: 'hotfix/*' },
        { name: 'labels', kind: 'names', label: t('source.incident.hotfixes.labels.label', 'Labels'), placeholder: 'hotfix' },
        service,
      ],
    },
    opsitems: {
      label: t('source.incident.opsitems.label', 'AWS OpsCenter'),
      help: t('source.incident.opsitems.help', 'OpsItems of Systems Manager. Needs the AWS connection below.'),
      fields: [
        {
          name: 'account',
          kind: 'text',
          label: t('source.incident.opsitems.account.label', 'AWS account'),
          placeholder: t('source.incident.opsitems.account.placeholder', 'The main connection'),
          help: t('source.incident.opsitems.account.help', 'Name of an account from the AWS section.'),
        },
        { name: 'filters', filter: 'source', kind: 'names', label: t('source.incident.opsitems.source.label', 'Source'), placeholder: 'CloudWatch' },
        { name: 'filters', filter: 'severity', kind: 'names', label: t('source.incident.opsitems.severity.label', 'Severity'), placeholder: '1, 2' },
        {
          name: 'filters',
          filter: 'category',
          kind: 'names',
          label: t('source.incident.opsitems.category.label', 'Category'),
          placeholder: 'Availability',
        },
        { name: 'filters', filter: 'title', kind: 'text', label: t('source.incident.opsitems.title.label', 'Title contains') },
        {
          name: 'filters',
          filter: 'status',
          kind: 'names',
          label: t('source.incident.opsitems.status.label', 'Status'),
          placeholder: t('source.incident.opsitems.status.placeholder', 'Any'),
        },
        {
          name: 'filters',
          filter: 'type',
          kind: 'names',
          label: t('source.incident.opsitems.type.label', 'Type'),
          placeholder: t('source.incident.opsitems.type.placeholder', 'Any'),
        },
        {
          name: 'filters',
          filter: 'operationalData',
          kind: 'pairs',
          label: t('source.incident.opsitems.operational-data.label', 'Operational data'),
          placeholder: 'key=value',
        },
        service,
      ],
    },
    events: {
      label: t('source.incident.events.label', 'Pushed events'),
      help: t('source.incident.events.help', 'Incidents that another tool posts to this data source.'),
      fields: [
        {
          name: 'services',
          kind: 'names',
          label: t('source.incident.events.services.label', 'Services'),
          placeholder: t('source.incident.events.services.placeholder', 'All, or patterns such as payments-*'),
        },
        service,
      ],
    },
  };
}
