import { Interner } from '../columns';
import type { Actor } from '../model';
import { type FactPart, textList } from './part';

/** Numbers for people and bots; −1 for nobody known. */
export class Actors implements FactPart {
  private readonly keys = new Interner();
  private readonly list: Actor[] = [];

  id(actor: Actor | null): number {
    return actor === null ? -1 : this.ofKey(`${actor.isBot ? 'b' : 'p'}${actor.login}`);
  }

  private ofKey(key: string): number {
    const id = this.keys.id(key);
    if (id === this.list.length) {
      this.list.push({ login: key.slice(1), isBot: key.startsWith('b') });
    }
    return id;
  }

  get(id: number): Actor | null {
    return id < 0 ? null : this.list[id];
  }

  get count(): number {
    return this.list.length;
  }

  readonly columns = {};
  readonly lists = { keys: textList(() => this.keys.all(), (key) => this.ofKey(key)) };
}
