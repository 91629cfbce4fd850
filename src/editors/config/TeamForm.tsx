import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';
import { useMemo } from 'react';
import { AS_TEXT } from '../../texts';
import { Fold } from './Fold';
import { NamesSetting } from './NamesSetting';
import { OverrideList } from './OverrideList';
import { RepositoryPreview } from './RepositoryPreview';
import type { Resources } from './resources';
import { ServiceList } from './ServiceList';
import { listOf, orUnset, type StoredDeploymentSource, type StoredIncidentSource, type StoredOverride, type StoredTeam } from './settings';
import { deploymentKinds, incidentKinds } from './sourceKinds';
import { SourceList } from './SourceList';
import { SwitchSetting } from './SwitchSetting';
import { TextSetting } from './TextSetting';

/** What holds for a team that says nothing, as `parseSettings` fills it in. */
const DEFAULT_DEPLOYMENTS: StoredDeploymentSource[] = [{ from: 'merged-pull-requests' }];
const DEFAULT_INCIDENTS: StoredIncidentSource[] = [{ from: 'reverts' }];
const DEFAULT_EXCLUDED_AUTHORS = ['*[bot]'];

interface TeamFormProps {
  team: StoredTeam;
  /** Path of the team in `jsonData`. */
  path: string;
  onChange: (team: StoredTeam) => void;
  resources: Resources;
  connected: boolean;
  readOnly: boolean;
}

export function deploymentsOf(team: StoredTeam): readonly StoredDeploymentSource[] {
  return Array.isArray(team.deployments) ? team.deployments : DEFAULT_DEPLOYMENTS;
}

export function incidentsOf(team: StoredTeam): readonly StoredIncidentSource[] {
  return Array.isArray(team.incidents) ? team.incidents : DEFAULT_INCIDENTS;
}

export function patternsOf(team: StoredTeam): string[] {
  return listOf(team.repositories).filter((selection) => typeof selection === 'string');
}

function overridesOf(team: StoredTeam): StoredOverride[] {
  return listOf(team.repositories).filter((selection) => typeof selection !== 'string');
}

/** One team: what it owns, how it delivers, and what counts as trouble. */
export function TeamForm({ team, path, onChange, resources, connected, readOnly }: TeamFormProps) {
  const ofDeployments = useMemo(deploymentKinds, []);
  const ofIncidents = useMemo(incidentKinds, []);
  const change = (patch: Partial<StoredTeam>): void => onChange({ ...team, ...patch });
  const patterns = patternsOf(team);
  const overrides = overridesOf(team);
  const exclude = team.exclude ?? {};
  const services = listOf(team.services);
  const branches = listOf(team.branches);
  const excludedAuthors = exclude.authors ?? DEFAULT_EXCLUDED_AUTHORS;

  return (
    <Stack direction="column" gap={2}>
      <TextSetting
        label={t('config.team.name', 'Team name')}
        path={`${path}.name`}
        testId="dora-team-name"
        required
        value={team.name}
        readOnly={readOnly}
        onChange={(name) => change({ name })}
      />
      <NamesSetting
        label={t('config.team.repositories.label', 'Repositories')}
        path={`${path}.repositories`}
        testId="dora-team-repositories"
        required
        description={t('config.team.repositories.description', 'owner/name, or a pattern such as acme/payments-*; a leading ! leaves out. Type one and press Enter, or choose.')}
        placeholder="acme/payments-*"
        value={patterns}
        names={(text) => (connected ? resources.repositories(text) : Promise.resolve([]))}
        separator={/[\s,]+/}
        readOnly={readOnly}
        onChange={(chosen) => change({ repositories: [...chosen, ...overrides] })}
      />
      <RepositoryPreview patterns={patterns} resources={resources} connected={connected} />
      <div>
        <Fold title={t('config.team.deployments', 'Deployments')} summary={sourceWords(deploymentsOf(team), ofDeployments)}>
          <SourceList<StoredDeploymentSource>
            what="deployment"
            path={`${path}.deployments`}
            sources={deploymentsOf(team)}
            kinds={ofDeployments}
            emptyText={t('config.team.no-deployments', 'None: no deployment is known then.')}
            resources={resources}
            readOnly={readOnly}
            onChange={(deployments) => change({ deployments })}
          />
          <NamesSetting
            label={t('config.team.branches.label', 'Production branches')}
            path={`${path}.branches`}
            testId="dora-team-branches"
            description={t('config.team.branches.description', 'Branches that lead to production, or patterns such as release/*.')}
            placeholder={t('config.team.branches.placeholder', 'Each repository’s default branch')}
            value={branches}
            readOnly={readOnly}
            onChange={(names) => change({ branches: orUnset(names) })}
          />
          <SwitchSetting
            label={t('config.team.direct-pushes.label', 'Direct pushes are changes too')}
            path={`${path}.directPushes`}
            description={t('config.team.direct-pushes.description', 'Counts commits that came to a production branch without a pull request.')}
            value={team.directPushes === true}
            readOnly={readOnly}
            onChange={(directPushes) => change({ directPushes: directPushes || undefined })}
          />
        </Fold>
        <Fold title={t('config.team.incidents', 'Incidents')} summary={sourceWords(incidentsOf(team), ofIncidents)}>
          <SourceList<StoredIncidentSource>
            what="incident"
            path={`${path}.incidents`}
            sources={incidentsOf(team)}
            kinds={ofIncidents}
            emptyText={t('config.team.no-incidents', 'None: no incident is known then.')}
            resources={resources}
            readOnly={readOnly}
            onChange={(incidents) => change({ incidents })}
          />
          <TextSetting
            label={t('config.team.incident-window.label', 'Incident window')}
            path={`${path}.incidentWindow`}
            description={t('config.team.incident-window.description', 'How long after a deployment an incident that names nothing may be blamed on it: 24h, 7d.')}
            placeholder="7d"
            value={team.incidentWindow}
            readOnly={readOnly}
            width={20}
            onChange={(incidentWindow) => change({ incidentWindow: orUnset(incidentWindow) })}
          />
        </Fold>
        <Fold title={t('config.team.exclude.title', 'Exclusions')} summary={authorWords(excludedAuthors)}>
          <NamesSetting
            label={t('config.team.exclude.authors.label', 'Authors')}
            path={`${path}.exclude.authors`}
            testId="dora-exclude-authors"
            description={t('config.team.exclude.authors.description', 'Changes by these logins are not counted; patterns such as *[bot].')}
            placeholder={t('config.team.exclude.authors.placeholder', 'Nobody')}
            value={excludedAuthors}
            readOnly={readOnly}
            onChange={(authors) => change({ exclude: { ...exclude, authors } })}
          />
          <NamesSetting
            label={t('config.team.exclude.labels', 'Labels')}
            path={`${path}.exclude.labels`}
            testId="dora-exclude-labels"
            placeholder="chore"
            value={listOf(exclude.labels)}
            readOnly={readOnly}
            onChange={(labels) => change({ exclude: { ...exclude, labels: orUnset(labels) } })}
          />
          <TextSetting
            label={t('config.team.exclude.titles.label', 'Titles')}
            path={`${path}.exclude.titles`}
            description={t('config.team.exclude.titles.description', 'A regular expression.')}
            placeholder="^docs:"
            value={exclude.titles}
            readOnly={readOnly}
            onChange={(titles) => change({ exclude: { ...exclude, titles: orUnset(titles) } })}
          />
          <NamesSetting
            label={t('config.team.exclude.numbers', 'Pull requests')}
            path={`${path}.exclude.numbers`}
            testId="dora-exclude-numbers"
            placeholder="acme/payments-api#12"
            value={listOf(exclude.numbers)}
            readOnly={readOnly}
            onChange={(numbers) => change({ exclude: { ...exclude, numbers: orUnset(numbers) } })}
          />
        </Fold>
        <Fold title={t('config.team.services.title', 'Services')} summary={services.length > 0 ? services.map(({ name }) => name).join(', ') : t('config.team.services.default', 'One for each repository or pipeline')}>
          <ServiceList
            services={services}
            path={`${path}.services`}
            resources={resources}
            readOnly={readOnly}
            onChange={(list) => change({ services: orUnset(list) })}
          />
        </Fold>
        <Fold title={t('config.team.overrides', 'Repositories that differ')} summary={overrides.length > 0 ? overrides.map(({ match }) => match).join(', ') : t('config.none', 'None')}>
          <OverrideList
            overrides={overrides}
            offset={patterns.length}
            path={`${path}.repositories`}
            resources={resources}
            readOnly={readOnly}
            onChange={(list) => change({ repositories: [...patterns, ...list] })}
          />
        </Fold>
      </div>
    </Stack>
  );
}

function sourceWords(sources: ReadonlyArray<{ from: string }>, kinds: Record<string, { label: string }>): string {
  return sources.length > 0 ? sources.map(({ from }) => kinds[from]?.label ?? from).join(', ') : t('config.none', 'None');
}

function authorWords(authors: readonly string[]): string {
  return authors.length > 0
    ? t('config.team.exclude.authors.some', 'Authors {{names}}', { names: authors.join(', '), ...AS_TEXT })
    : t('config.team.exclude.authors.none', 'No author');
}
