import type { Logger } from '../../sources/source';
import { DoraError } from '../../shared/errors';
import { Redaction } from './redaction';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** A log that also knows what must not be shown elsewhere. */
export interface SafeLog extends Logger {
  /** The text without any secret. */
  redact(text: string): string;
}

/** One JSON object a line, as Grafana reads a plugin's stderr, without secrets. */
export class JsonLog implements SafeLog {
  private readonly redaction = new Redaction();

  constructor(
    private readonly level: LogLevel,
    private readonly write: (line: string) => void,
    /** What each line carries besides. */
    private readonly fields: () => Readonly<Record<string, string>> = () => ({}),
  ) {}

  /** Blanks these texts from now on. */
  protect(texts: Iterable<string>): void {
    this.redaction.protect(texts);
  }

  redact(text: string): string {
    return this.redaction.text(text);
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.log('debug', message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.log('info', message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.log('warn', message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.log('error', message, fields);
  }

  private log(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.level)) {
      return;
    }
    const entry: Record<string, unknown> = { '@level': level, '@message': message, '@timestamp': logTime(new Date()), ...this.fields() };
    for (const [key, value] of Object.entries(fields)) {
      entry[key] = value instanceof Error ? describe(value) : value;
    }
    let line: string;
    try {
      line = JSON.stringify(entry, (_, value: unknown) => (typeof value === 'string' ? shortened(this.redact(value)) : typeof value === 'bigint' ? String(value) : value));
    } catch {
      line = JSON.stringify({ '@level': level, '@message': shortened(this.redact(message)), '@timestamp': entry['@timestamp'] });
    }
    this.write(`${line}\n`);
  }
}

/** Grafana takes a line of more than 64 KiB for plain text, too; a line has a few texts of some length. */
const LONGEST_TEXT = 8_000;

function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** With six digits after the second: Grafana takes a line with any other time for plain text, which it shows at the level debug only. */
export function logTime(at: Date): string {
  return at.toISOString().replace(/Z$/, '000Z');
}

export function logLevel(text: string | undefined): LogLevel {
  return LEVELS.find((level) => level === text?.trim().toLowerCase()) ?? 'info';
}

/** An error with its causes, as one text. */
function describe(error: Error): string {
  const own = error instanceof DoraError ? `${error.code}: ${error.message}` : (error.stack ?? `${error.name}: ${error.message}`);
  return error.cause instanceof Error ? `${own}\ncaused by ${describe(error.cause)}` : own;
}
