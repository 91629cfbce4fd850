import { timestamp } from '../../shared/clock';
import { nodeId } from '../graphql/ids';
import { READ_ALL, type AppSpec } from '../apps';
import type { Account, Comment, Commit, Deployment, DeploymentStatus, Issue, Label, PullRequest, Release, Repository, Review, Tag, Workflow, WorkflowJob, WorkflowRun, World } from '../world';

/** REST's JSON for each thing, with the addresses that GitHub gives beside it. */
type Json = Record<string, unknown>;
const at = (time: number | null): string | null => (time === null ? null : timestamp(time));

export class Resources {
  constructor(
    private readonly world: World,
    /** `http://127.0.0.1:1234`, with `/api/v3` on Enterprise. */
    private readonly api: string,
    private readonly web: string
  ) {}

  account(account: Account): Json {
    const login = account.kind === 'Bot' ? `${account.login}[bot]` : account.login;
    const url = `${this.api}/users/${encodeURIComponent(login)}`;
    return {
      login,
      id: account.databaseId,
      node_id: nodeId(({ User: 'U', Organization: 'O', Bot: 'BOT', Mannequin: 'M' } as const)[account.kind], account.databaseId),
      avatar_url: `https://avatars.githubusercontent.com/u/${account.databaseId}?v=4`,
      gravatar_id: '',
      url,
      html_url: `${this.web}/${account.kind === 'Bot' ? 'apps/' : ''}${account.login}`,
      followers_url: `${url}/followers`,
      following_url: `${url}/following{/other_user}`,
      gists_url: `${url}/gists{/gist_id}`,
      starred_url: `${url}/starred{/owner}{/repo}`,
      subscriptions_url: `${url}/subscriptions`,
      organizations_url: `${url}/orgs`,
      repos_url: `${url}/repos`,
      events_url: `${url}/events{/privacy}`,
      received_events_url: `${url}/received_events`,
      type: account.kind === 'Mannequin' ? 'Mannequin' : account.kind,
      user_view_type: 'public',
      site_admin: false,
    };
  }

  user(login: string | null): Json | null {
    return login === null ? null : this.account(this.world.findAccount(login) ?? this.world.account(login));
  }

  viewer(account: Account): Json {
    return {
      ...this.account(account),
      name: account.name, company: null, blog: '', location: null, email: null, hireable: null, bio: null, twitter_username: null, notification_email: null,
      public_repos: 0, public_gists: 0, followers: 0, following: 0, created_at: at(account.createdAt), updated_at: at(account.createdAt),
    };
  }

  minimalRepository(repository: Repository): Json {
    const url = `${this.api}/repos/${repository.fullName}`;
    const below = (path: string): string => `${url}/${path}`;
    return {
      id: repository.databaseId,
      node_id: nodeId('R', repository.databaseId),
      name: repository.name,
      full_name: repository.fullName,
      private: repository.isPrivate,
      owner: this.user(repository.owner),
      html_url: `${this.web}/${repository.fullName}`,
      description: repository.description,
      fork: repository.isFork,
      url,
      forks_url: below('forks'), keys_url: below('keys{/key_id}'), collaborators_url: below('collaborators{/collaborator}'), teams_url: below('teams'), hooks_url: below('hooks'),
      issue_events_url: below('issues/events{/number}'), events_url: below('events'), assignees_url: below('assignees{/user}'), branches_url: below('branches{/branch}'),
      tags_url: below('tags'), blobs_url: below('git/blobs{/sha}'), git_tags_url: below('git/tags{/sha}'), git_refs_url: below('git/refs{/sha}'), trees_url: below('git/trees{/sha}'),
      statuses_url: below('statuses/{sha}'), languages_url: below('languages'), stargazers_url: below('stargazers'), contributors_url: below('contributors'),
      subscribers_url: below('subscribers'), subscription_url: below('subscription'), commits_url: below('commits{/sha}'), git_commits_url: below('git/commits{/sha}'),
      comments_url: below('comments{/number}'), issue_comment_url: below('issues/comments{/number}'), contents_url: below('contents/{+path}'), compare_url: below('compare/{base}...{head}'),
      merges_url: below('merges'), archive_url: below('{archive_format}{/ref}'), downloads_url: below('downloads'), issues_url: below('issues{/number}'), pulls_url: below('pulls{/number}'),
      milestones_url: below('milestones{/number}'), notifications_url: below('notifications{?since,all,participating}'), labels_url: below('labels{/name}'),
      releases_url: below('releases{/id}'), deployments_url: below('deployments'),
    };
  }

  repository(repository: Repository): Json {
    return {
      ...this.minimalRepository(repository),
      created_at: at(repository.createdAt),
      updated_at: at(repository.updatedAt),
      pushed_at: at(repository.pushedAt ?? repository.createdAt),
      git_url: `git://github.com/${repository.fullName}.git`,
      ssh_url: `git@github.com:${repository.fullName}.git`,
      clone_url: `${this.web}/${repository.fullName}.git`,
      svn_url: `${this.web}/${repository.fullName}`,
      homepage: null, size: 1, stargazers_count: 0, watchers_count: 0, language: repository.language, has_issues: true, has_projects: false, has_downloads: true, has_wiki: false,
      has_pages: false, has_discussions: false, forks_count: 0, mirror_url: null, archived: repository.isArchived, disabled: false, open_issues_count: 0, license: null,
      allow_forking: true, is_template: false, web_commit_signoff_required: false, topics: repository.topics, visibility: repository.isPrivate ? 'private' : 'public', forks: 0,
      open_issues: 0, watchers: 0, default_branch: repository.defaultBranch ?? 'main', permissions: { admin: false, maintain: false, push: false, triage: false, pull: true },
    };
  }

  fullRepository(repository: Repository): Json {
    return { ...this.repository(repository), network_count: 0, subscribers_count: 0 };
  }

  commit(repository: Repository, commit: Commit): Json {
    const url = `${this.api}/repos/${repository.fullName}/commits/${commit.sha}`;
    const who = (time: number): Json => ({ name: commit.authorName, email: commit.authorEmail, date: at(time) });
    return {
      sha: commit.sha,
      node_id: nodeId('C', repository.databaseId, commit.sha),
      commit: {
        author: who(commit.authoredAt),
        committer: who(commit.committedAt),
        message: commit.message,
        tree: { sha: commit.sha, url: `${this.api}/repos/${repository.fullName}/git/trees/${commit.sha}` },
        url: `${this.api}/repos/${repository.fullName}/git/commits/${commit.sha}`,
        comment_count: 0,
        verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
      },
      url,
      html_url: `${this.web}/${repository.fullName}/commit/${commit.sha}`,
      comments_url: `${url}/comments`,
      author: this.user(commit.author),
      committer: this.user(commit.author),
      parents: commit.parents.map((sha) => ({
        sha, url: `${this.api}/repos/${repository.fullName}/commits/${sha}`, html_url: `${this.web}/${repository.fullName}/commit/${sha}`,
      })),
    };
  }

  commitWithFiles(repository: Repository, commit: Commit): Json {
    return {
      ...this.commit(repository, commit),
      stats: { total: commit.additions + commit.deletions, additions: commit.additions, deletions: commit.deletions },
      files: commit.files.map((path) => this.file(repository, commit.sha, { path, changeType: 'MODIFIED', additions: 7, deletions: 3 })),
    };
  }

  file(repository: Repository, sha: string, file: { path: string; changeType: string; additions: number; deletions: number }): Json {
    const status = ({ ADDED: 'added', DELETED: 'removed', RENAMED: 'renamed' } as Record<string, string>)[file.changeType] ?? 'modified';
    return {
      sha,
      filename: file.path,
      status,
      additions: file.additions,
      deletions: file.deletions,
      changes: file.additions + file.deletions,
      blob_url: `${this.web}/${repository.fullName}/blob/${sha}/${encodeURI(file.path)}`,
      raw_url: `${this.web}/${repository.fullName}/raw/${sha}/${encodeURI(file.path)}`,
      contents_url: `${this.api}/repos/${repository.fullName}/contents/${encodeURI(file.path)}?ref=${sha}`,
    };
  }

  label(repository: Repository, label: Label): Json {
    return {
      id: label.databaseId,
      node_id: nodeId('LA', repository.databaseId, label.databaseId),
      url: `${this.api}/repos/${repository.fullName}/labels/${encodeURIComponent(label.name)}`,
      name: label.name,
      color: label.color,
      default: false,
      description: label.description ?? '',
    };
  }

  pull(repository: Repository, pull: PullRequest): Json {
    const base = `${this.api}/repos/${repository.fullName}`;
    const url = `${base}/pulls/${pull.number}`;
    const href = (link: string): Json => ({ href: link });
    const statuses = `${base}/statuses/${pull.headSha}`;
    const side = (branch: string, sha: string, fork: boolean): Json => ({
      label: `${fork ? (pull.author ?? 'ghost') : repository.owner}:${branch}`, ref: branch, sha, user: this.user(fork ? pull.author : repository.owner),
      repo: fork ? null : this.repository(repository),
    });
    return {
      url,
      id: pull.databaseId,
      node_id: nodeId('PR', repository.databaseId, pull.number),
      html_url: `${this.web}/${repository.fullName}/pull/${pull.number}`,
      diff_url: `${this.web}/${repository.fullName}/pull/${pull.number}.diff`,
      patch_url: `${this.web}/${repository.fullName}/pull/${pull.number}.patch`,
      issue_url: `${base}/issues/${pull.number}`,
      number: pull.number,
      state: pull.state === 'OPEN' ? 'open' : 'closed',
      locked: false,
      title: pull.title,
      user: this.user(pull.author),
      body: pull.body === '' ? null : pull.body,
      created_at: at(pull.createdAt),
      updated_at: at(pull.updatedAt),
      closed_at: at(pull.closedAt),
      merged_at: at(pull.mergedAt),
      merge_commit_sha: pull.mergeSha,
      assignee: null,
      assignees: [],
      requested_reviewers: [],
      requested_teams: [],
      labels: pull.labels.map((name) => this.label(repository, repository.content.label(name))),
      milestone: null,
      draft: pull.isDraft,
      commits_url: `${url}/commits`,
      review_comments_url: `${url}/comments`,
      review_comment_url: `${base}/pulls/comments{/number}`,
      comments_url: `${base}/issues/${pull.number}/comments`,
      statuses_url: statuses,
      head: side(pull.headBranch, pull.headSha, pull.fromFork),
      base: side(pull.baseBranch, pull.baseSha, false),
      _links: {
        self: href(url), html: href(`${this.web}/${repository.fullName}/pull/${pull.number}`), issue: href(`${base}/issues/${pull.number}`),
        comments: href(`${base}/issues/${pull.number}/comments`), review_comments: href(`${url}/comments`), review_comment: href(`${base}/pulls/comments{/number}`),
        commits: href(`${url}/commits`), statuses: href(statuses),
      },
      author_association: pull.author === null ? 'NONE' : 'MEMBER',
      auto_merge: null,
    };
  }

  fullPull(repository: Repository, pull: PullRequest): Json {
    return {
      ...this.pull(repository, pull),
      user: this.user(pull.author ?? 'ghost'),
      merged: pull.state === 'MERGED', mergeable: null, rebaseable: null, mergeable_state: 'unknown', merged_by: this.user(pull.mergedBy), comments: pull.comments.length,
      review_comments: pull.reviews.reduce((sum, review) => sum + review.comments.length, 0), maintainer_can_modify: false, commits: pull.commits.length,
      additions: pull.additions, deletions: pull.deletions, changed_files: pull.changedFiles,
    };
  }

  review(repository: Repository, pull: PullRequest, review: Review): Json {
    const page = `${this.web}/${repository.fullName}/pull/${pull.number}#pullrequestreview-${review.id}`;
    const pullUrl = `${this.api}/repos/${repository.fullName}/pulls/${pull.number}`;
    return {
      id: review.id, node_id: nodeId('PRR', repository.databaseId, pull.number, review.id), user: this.user(review.author), body: review.body, state: review.state, html_url: page,
      pull_request_url: pullUrl, author_association: review.author === null ? 'NONE' : 'MEMBER', _links: { html: { href: page }, pull_request: { href: pullUrl } },
      submitted_at: at(review.at), commit_id: pull.headSha,
    };
  }

  issue(repository: Repository, issue: Issue | PullRequest): Json {
    const base = `${this.api}/repos/${repository.fullName}`;
    const url = `${base}/issues/${issue.number}`;
    const pull = 'mergedAt' in issue ? issue : null;
    const page = `${this.web}/${repository.fullName}/${pull ? 'pull' : 'issues'}/${issue.number}`;
    return {
      url,
      repository_url: base,
      labels_url: `${url}/labels{/name}`,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      html_url: page,
      id: issue.databaseId,
      node_id: nodeId(pull ? 'PR' : 'I', repository.databaseId, issue.number),
      number: issue.number,
      title: issue.title,
      user: this.user(issue.author),
      labels: issue.labels.map((name) => this.label(repository, repository.content.label(name))),
      state: issue.state === 'OPEN' ? 'open' : 'closed',
      locked: false,
      assignee: pull ? null : this.user((issue as Issue).assignees[0] ?? null),
      assignees: pull ? [] : (issue as Issue).assignees.map((login) => this.user(login)),
      milestone: null,
      comments: issue.comments.length,
      created_at: at(issue.createdAt),
      updated_at: at(issue.updatedAt),
      closed_at: at(issue.closedAt),
      author_association: issue.author === null ? 'NONE' : 'MEMBER',
      active_lock_reason: null,
      body: issue.body === '' ? null : issue.body,
      reactions: {
        url: `${url}/reactions`, total_count: 0, '+1': 0, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0,
      },
      timeline_url: `${url}/timeline`,
      performed_via_github_app: null,
      state_reason: pull ? null : ((issue as Issue).stateReason?.toLowerCase() ?? null),
      ...(pull ? { draft: pull.isDraft, pull_request: { url: `${base}/pulls/${pull.number}`, html_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch`, merged_at: at(pull.mergedAt) } } : {}),
    };
  }

  comment(repository: Repository, issue: Issue | PullRequest, comment: Comment): Json {
    return {
      url: `${this.api}/repos/${repository.fullName}/issues/comments/${comment.id}`,
      html_url: `${this.web}/${repository.fullName}/issues/${issue.number}#issuecomment-${comment.id}`,
      issue_url: `${this.api}/repos/${repository.fullName}/issues/${issue.number}`,
      id: comment.id,
      node_id: nodeId('IC', repository.databaseId, issue.number, comment.id),
      user: this.user(comment.author),
      created_at: at(comment.at),
      updated_at: at(comment.at),
      body: comment.body,
      author_association: comment.author === null ? 'NONE' : 'MEMBER',
      performed_via_github_app: null,
    };
  }

  release(repository: Repository, release: Release): Json {
    const base = `${this.api}/repos/${repository.fullName}`;
    const url = `${base}/releases/${release.databaseId}`;
    return {
      url,
      assets_url: `${url}/assets`,
      upload_url: `https://uploads.github.com/repos/${repository.fullName}/releases/${release.databaseId}/assets{?name,label}`,
      html_url: `${this.web}/${repository.fullName}/releases/tag/${encodeURIComponent(release.tag)}`,
      id: release.databaseId,
      author: this.user(release.author ?? 'ghost'),
      node_id: nodeId('RE', repository.databaseId, release.databaseId),
      tag_name: release.tag,
      target_commitish: release.target,
      name: release.name,
      draft: release.isDraft,
      immutable: false,
      prerelease: release.isPrerelease,
      created_at: at(release.createdAt),
      updated_at: at(release.publishedAt ?? release.createdAt),
      published_at: at(release.publishedAt),
      assets: [],
      tarball_url: release.isDraft ? null : `${base}/tarball/${encodeURIComponent(release.tag)}`,
      zipball_url: release.isDraft ? null : `${base}/zipball/${encodeURIComponent(release.tag)}`,
      body: release.description,
    };
  }

  tag(repository: Repository, tag: Tag): Json {
    const base = `${this.api}/repos/${repository.fullName}`;
    return {
      name: tag.name,
      zipball_url: `${base}/zipball/refs/tags/${encodeURIComponent(tag.name)}`,
      tarball_url: `${base}/tarball/refs/tags/${encodeURIComponent(tag.name)}`,
      commit: { sha: tag.sha, url: `${base}/commits/${tag.sha}` },
      node_id: nodeId('REF', repository.databaseId, `refs/tags/${tag.name}`),
    };
  }

  branch(repository: Repository, name: string, sha: string): Json {
    return { name, commit: { sha, url: `${this.api}/repos/${repository.fullName}/commits/${sha}` }, protected: false };
  }

  fullBranch(repository: Repository, name: string, commit: Commit): Json {
    const url = `${this.api}/repos/${repository.fullName}/branches/${encodeURIComponent(name)}`;
    return {
      name, commit: this.commit(repository, commit), _links: { self: url, html: `${this.web}/${repository.fullName}/tree/${encodeURIComponent(name)}` }, protected: false,
      protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } }, protection_url: `${url}/protection`,
    };
  }

  deployment(repository: Repository, deployment: Deployment): Json {
    const url = `${this.api}/repos/${repository.fullName}/deployments/${deployment.databaseId}`;
    return {
      url,
      id: deployment.databaseId,
      node_id: nodeId('DE', repository.databaseId, deployment.databaseId),
      task: deployment.task,
      original_environment: deployment.environment,
      environment: deployment.environment,
      description: deployment.description,
      created_at: at(deployment.createdAt),
      updated_at: at(deployment.updatedAt),
      statuses_url: `${url}/statuses`,
      repository_url: `${this.api}/repos/${repository.fullName}`,
      creator: this.user(deployment.creator),
      sha: deployment.sha,
      ref: deployment.ref,
      payload: {},
      transient_environment: deployment.isTransient,
      production_environment: deployment.isProduction,
      performed_via_github_app: null,
    };
  }

  deploymentStatus(repository: Repository, deployment: Deployment, status: DeploymentStatus): Json {
    const url = `${this.api}/repos/${repository.fullName}/deployments/${deployment.databaseId}`;
    return {
      url: `${url}/statuses/${status.databaseId}`,
      id: status.databaseId,
      node_id: nodeId('DES', repository.databaseId, deployment.databaseId, status.databaseId),
      state: status.state.toLowerCase(),
      creator: this.user(status.creator),
      description: status.description,
      environment: deployment.environment,
      target_url: status.logUrl ?? '',
      created_at: at(status.at),
      updated_at: at(status.at),
      deployment_url: url,
      repository_url: `${this.api}/repos/${repository.fullName}`,
      environment_url: status.environmentUrl ?? '',
      log_url: status.logUrl ?? '',
      performed_via_github_app: null,
    };
  }

  app(app: AppSpec, now: number): Json {
    const slug = app.slug ?? 'dora';
    return {
      id: app.id, slug, node_id: nodeId('T', app.id), owner: this.user(app.account), name: slug, description: '', external_url: this.web, html_url: `${this.web}/apps/${slug}`,
      created_at: at(now), updated_at: at(now), permissions: app.permissions ?? READ_ALL, events: [],
    };
  }

  installation(app: AppSpec, now: number): Json {
    const slug = app.slug ?? 'dora';
    return {
      id: app.installationId, app_id: app.id, app_slug: slug, target_id: this.user(app.account)?.id, target_type: 'Organization', single_file_name: null,
      repository_selection: app.repositories ? 'selected' : 'all', access_tokens_url: `${this.api}/app/installations/${app.installationId}/access_tokens`,
      html_url: `${this.web}/organizations/${app.account}/settings/installations/${app.installationId}`, repositories_url: `${this.api}/installation/repositories`, events: [],
      // GitHub's description of the list wants a user and an enterprise in one.
      account: { ...this.user(app.account), name: app.account, slug: app.account, created_at: at(now), updated_at: at(now) }, permissions: app.permissions ?? READ_ALL, created_at: at(now), updated_at: at(now), suspended_by: null, suspended_at: app.suspended ? at(now) : null,
    };
  }

  workflow(repository: Repository, workflow: Workflow): Json {
    const url = `${this.api}/repos/${repository.fullName}/actions/workflows/${workflow.databaseId}`;
    return {
      id: workflow.databaseId, node_id: nodeId('W', repository.databaseId, workflow.databaseId), name: workflow.name, path: workflow.path, state: workflow.state,
      created_at: at(workflow.createdAt), updated_at: at(workflow.createdAt), url, html_url: `${this.web}/${repository.fullName}/blob/main/${workflow.path}`,
      badge_url: `${this.web}/${repository.fullName}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
    };
  }

  run(repository: Repository, run: WorkflowRun, attemptNumber: number | null = null): Json {
    const base = `${this.api}/repos/${repository.fullName}/actions`;
    const url = `${base}/runs/${run.databaseId}`;
    const attempt = (attemptNumber === null ? run.attempts.at(-1) : run.attempts.find((one) => one.attempt === attemptNumber)) ?? {
      attempt: 1, status: 'queued', conclusion: null, startedAt: run.createdAt, updatedAt: run.createdAt, actor: run.actor,
    };
    const workflow = repository.content.workflows.get(run.workflow);
    const commit = repository.content.commits.get(run.sha);
    const suite = run.databaseId + 1;
    const inPull = run.branch === null ? [] : [...repository.content.pulls.values()].filter((pull) => pull.state === 'OPEN' && pull.headSha === run.sha);
    const related = { id: repository.databaseId, url: `${this.api}/repos/${repository.fullName}`, name: repository.name };
    return {
      id: run.databaseId,
      name: workflow?.name ?? null,
      node_id: nodeId('WFR', repository.databaseId, run.databaseId),
      head_branch: run.branch,
      head_sha: run.sha,
      path: workflow?.path ?? '',
      display_title: run.title,
      run_number: run.runNumber,
      event: run.event,
      status: attempt.status,
      conclusion: attempt.conclusion,
      workflow_id: run.workflow,
      check_suite_id: suite,
      check_suite_node_id: nodeId('CS', repository.databaseId, run.databaseId),
      url,
      html_url: `${this.web}/${repository.fullName}/actions/runs/${run.databaseId}`,
      pull_requests: inPull.map((pull) => ({
        url: `${this.api}/repos/${repository.fullName}/pulls/${pull.number}`, id: pull.databaseId, number: pull.number,
        head: { ref: pull.headBranch, sha: pull.headSha, repo: related }, base: { ref: pull.baseBranch, sha: pull.baseSha, repo: related },
      })),
      created_at: at(run.createdAt),
      updated_at: at(attempt.updatedAt),
      actor: this.user(run.actor ?? 'ghost'),
      run_attempt: attempt.attempt,
      referenced_workflows: [],
      run_started_at: at(attempt.startedAt),
      triggering_actor: this.user(attempt.actor ?? 'ghost'),
      jobs_url: `${url}/jobs`,
      logs_url: `${url}/logs`,
      check_suite_url: `${this.api}/repos/${repository.fullName}/check-suites/${suite}`,
      artifacts_url: `${url}/artifacts`,
      cancel_url: `${url}/cancel`,
      rerun_url: `${url}/rerun`,
      previous_attempt_url: attempt.attempt > 1 ? `${url}/attempts/${attempt.attempt - 1}` : null,
      workflow_url: `${base}/workflows/${run.workflow}`,
      head_commit: commit
        ? {
            id: commit.sha, tree_id: commit.sha, message: commit.message, timestamp: at(commit.committedAt), author: { name: commit.authorName, email: commit.authorEmail },
            committer: { name: commit.authorName, email: commit.authorEmail },
          }
        : null,
      repository: this.minimalRepository(repository),
      head_repository: this.minimalRepository(repository),
    };
  }

  job(repository: Repository, run: WorkflowRun, job: WorkflowJob): Json {
    const base = `${this.api}/repos/${repository.fullName}`;
    return {
      id: job.databaseId,
      run_id: run.databaseId,
      workflow_name: repository.content.workflows.get(run.workflow)?.name ?? null,
      head_branch: run.branch,
      run_url: `${base}/actions/runs/${run.databaseId}`,
      run_attempt: job.attempt,
      node_id: nodeId('CR', repository.databaseId, job.databaseId),
      head_sha: run.sha,
      url: `${base}/actions/jobs/${job.databaseId}`,
      html_url: `${this.web}/${repository.fullName}/actions/runs/${run.databaseId}/job/${job.databaseId}`,
      status: job.status,
      conclusion: job.conclusion,
      created_at: at(job.createdAt),
      started_at: at(job.startedAt),
      completed_at: at(job.completedAt),
      name: job.name,
      steps: [],
      check_run_url: `${base}/check-runs/${job.databaseId}`,
      labels: ['ubuntu-latest'],
      runner_id: 1,
      runner_name: 'GitHub Actions 1',
      runner_group_id: 1,
      runner_group_name: 'GitHub Actions',
    };
  }
}
