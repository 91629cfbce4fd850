import type { Actor } from '../../engine/model';

/** `author` of pull requests, reviews and comments in GraphQL; null for a deleted account. */
export interface GraphqlActor {
  __typename: string;
  login: string;
}

const BOT = /\[bot\]$/;

/** GraphQL leaves out the `[bot]` that REST and everybody's settings know a bot's login by. */
export function actorOf(actor: GraphqlActor | null): Actor | null {
  if (actor === null) {
    return null;
  }
  const isBot = actor.__typename === 'Bot' || BOT.test(actor.login);
  return { login: isBot && !BOT.test(actor.login) ? `${actor.login}[bot]` : actor.login, isBot };
}

/** Author of a commit: an account if the address belongs to one; bots only have their name. */
export function commitActorOf(author: { name: string | null; user: { login: string } | null } | null): Actor | null {
  if (author?.user) {
    return { login: author.user.login, isBot: BOT.test(author.user.login) };
  }
  return author?.name && BOT.test(author.name) ? { login: author.name, isBot: true } : null;
}
