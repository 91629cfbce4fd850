import type { Settings, DeploymentSourceSettings, TeamSettings } from '../../shared/settings';

/** Every deployment source of a team: its own, and those of repositories that differ. */
export function deploymentSources(team: TeamSettings): DeploymentSourceSettings[] {
  return [...team.deployments, ...team.repositories.flatMap((selection) => (typeof selection === 'string' ? [] : (selection.deployments ?? [])))];
}

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
    deploymentSources(team).flatMap((source) => {
      if (source.from !== 'codepipeline') {
        return [];
      }
      const ofServices = team.services.flatMap(({ pipelines }) => pipelines ?? []);
      const pipelines = source.pipelines ?? (ofServices.length > 0 ? ofServices : ['*']);
      return [{ account: source.account ?? null, pipelines, stages: source.stage !== undefined, team: team.name }];
    })
  );
}
