import type { DeploymentSourceSettings, Settings, TeamSettings } from '../../shared/settings';

export interface PipelineWish {
  /** Null: every account. */
  account: string | null;
  /** Globs of pipeline names. */
  pipelines: string[];
  /** True when a stage's own times are needed. */
  stages: boolean;
  team: string;
}

/** Which pipelines the teams ask for. */
export function pipelineWishes(settings: Settings): PipelineWish[] {
  return settings.teams.flatMap((team) =>
    deploymentSources(team).flatMap((source) =>
      source.from === 'codepipeline' ? [{ account: source.account ?? null, pipelines: source.pipelines ?? ['*'], stages: source.stage !== undefined, team: team.name }] : []
    )
  );
}

/** Accounts whose OpsItems teams ask for; null: every account. */
export function opsItemAccounts(settings: Settings): Set<string | null> {
  return new Set(settings.teams.flatMap(({ incidents }) => incidents.flatMap((source) => (source.from === 'opsitems' ? [source.account ?? null] : []))));
}

/** Every deployment source of a team: its own, and those of repositories that differ. */
function deploymentSources(team: TeamSettings): DeploymentSourceSettings[] {
  return [...team.deployments, ...team.repositories.flatMap((selection) => (typeof selection === 'string' ? [] : (selection.deployments ?? [])))];
}
