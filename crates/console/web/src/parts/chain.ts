// The seals of the trail, computed anew: docs/AUDIT.md says how.

/** Actions in the chain of what is kept for a while. */
const PASSING = new Set(['user.settings_changed', 'user.info_changed', 'user.variables_changed', 'user.status_changed']);

const BEGINNING = '0'.repeat(64);

/** A sealed event as the stream gives it. */
export interface Sealed {
  id: string;
  position: number;
  at: number;
  action: string;
  actor: { kind: string; id: string | null; via: string | null; credential: string | null };
  client_ip: string | null;
  request_id: string | null;
  subject: { kind: string; id: string | null; label: string | null } | null;
  count: number | null;
  salt: string;
  erased: { client_ip: string | null; label: string | null; details: string | null } | null;
  seal: string;
}

async function sha256(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The details of an event as they are stored. What JSON makes of a number or of the order of keys would have another hash,
 * so they are cut out of the line: they stand between two keys that no text before them can hold, since quotes in texts are
 * escaped.
 */
export function storedDetails(line: string): string | null {
  const from = line.indexOf(',"details":');
  const to = line.lastIndexOf(',"count":');
  if (from < 0 || to < from) return null;
  const text = line.slice(from + ',"details":'.length, to);
  return text === 'null' ? null : text;
}

/** The text of which a seal is made. */
export async function sealedText(event: Sealed, details: string | null): Promise<string> {
  const hidden = (column: string, value: string | null, erased: string | null | undefined) =>
    event.erased ? Promise.resolve(erased ?? null) : sha256(JSON.stringify([event.salt, column, value]));
  const [ip, label, more] = await Promise.all([
    hidden('client_ip', event.client_ip, event.erased?.client_ip),
    hidden('subject_label', event.subject?.label ?? null, event.erased?.label),
    hidden('details', details, event.erased?.details),
  ]);
  const { actor, subject } = event;
  return JSON.stringify([
    'rosterd-event-1', event.position, event.id, event.at, event.action, actor.kind, actor.id, actor.via, actor.credential, ip,
    event.request_id, subject?.kind ?? null, subject?.id ?? null, label, more, event.count,
  ]);
}

export interface Verdict {
  count: number;
  erased: number;
  /** Positions whose seal does not fit. */
  bad: number[];
  /** The first position of a chain whose beginning was removed after its time. */
  cut: number | null;
  /** The last position and the last seals, as `rosterd audit head` prints them. */
  head: string;
}

/** Checks sealed events in their order, one by one. */
export class Chain {
  private readonly last = new Map<boolean, string>();
  private position = 0;
  private verdict = { count: 0, erased: 0, bad: [] as number[], cut: null as number | null };

  async add(line: string): Promise<void> {
    const event = JSON.parse(line) as Sealed;
    const passing = PASSING.has(event.action);
    const before = this.last.get(passing);
    const text = await sealedText(event, storedDetails(line));
    const fits = (await sha256(`${before ?? BEGINNING}\n${text}`)) === event.seal;
    this.verdict.count += 1;
    if (event.erased) this.verdict.erased += 1;
    // The seal before the first row of a chain is not told where older rows were removed.
    const isCut = !fits && before === undefined && event.position > 1;
    if (isCut) this.verdict.cut ??= event.position;
    else if (!fits) this.verdict.bad.push(event.position);
    this.last.set(passing, event.seal);
    this.position = event.position;
  }

  result(): Verdict {
    const seal = (passing: boolean) => this.last.get(passing) ?? BEGINNING;
    return { ...this.verdict, head: `${this.position}-${seal(false)}-${seal(true)}` };
  }
}
