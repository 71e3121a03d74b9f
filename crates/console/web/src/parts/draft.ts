// What somebody has typed and not sent survives a reload, in this tab. Passwords are never kept.

const PREFIX = 'rosterd.draft:';

export type Draft = Record<string, string | boolean>;

/** What was typed under this name, if it was not sent. */
export function draftOf(name: string): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null') as Draft | null;
  } catch {
    return null;
  }
}

/** Keeps what is typed. */
export function keepDraft(name: string, draft: Draft): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    // No room or no storage: then a reload loses it, and nothing else is wrong.
  }
}

/** Forgets it: it was sent, or thrown away. */
export function dropDraft(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

/** Forgets all of them: somebody signs out, and another person may sit down here. */
export function dropDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  }
}
