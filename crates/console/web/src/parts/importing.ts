// Sending a file of accounts to the server, and reading how far it is.
import { base, failedOf, onceSignedIn, offline, send } from '../api.js';
import type { ImportProgress, ImportReport } from '@rosterd/client';
import { t } from '../texts/index.js';
import { Work } from './work.js';

/** What is allowed, by the names of the API. */
export const SWITCHES = ['create_groups', 'allow_admins', 'set_passwords', 'skip_bad'] as const;

export type Allowed = Record<(typeof SWITCHES)[number], boolean>;

/** Ends of names, and the type that they stand for. It counts only where the server does not find another system's file. */
const TYPES: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/csv',
  txt: 'text/csv',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  json: 'application/octet-stream',
};

/** The ends of names that a file may have, as an input wants them. */
export const ENDS = Object.keys(TYPES).map((end) => `.${end}`).join(',');

interface Line {
  progress?: ImportProgress;
  report?: ImportReport;
  error?: unknown;
}

/** What is sent with a file. */
function pathOf(allowed: Allowed, apply: boolean): string {
  const query = new URLSearchParams(SWITCHES.filter((name) => allowed[name]).map((name) => [name, 'true']));
  if (apply) query.set('apply', 'true');
  return `${base}/api/v1/users/import?${query}`;
}

/**
 * Imports a file; without `apply` the server only says what it would do. `told` is told how far it is. What is under way ends behind
 * a chunk when `signal` aborts.
 */
export async function importFile(file: File, allowed: Allowed, apply: boolean, told: (progress: ImportProgress) => void, signal: AbortSignal): Promise<ImportReport> {
  const type = TYPES[file.name.split('.').pop()?.toLowerCase() ?? ''] ?? 'application/octet-stream';
  const headers = { accept: 'application/x-ndjson', 'content-type': type };
  const response = await onceSignedIn(() => send(pathOf(allowed, apply), { method: 'POST', body: file, headers, signal }));
  if (!response.body) throw offline();
  let report: ImportReport | undefined;
  for await (const line of linesOf(response.body)) {
    if (line.error) throw failedOf(line.error, response);
    if (line.progress) told(line.progress);
    report = line.report ?? report;
  }
  if (!report) throw offline();
  return report;
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line) yield JSON.parse(line) as Line;
    if (done) return;
  }
}

/** The work of writing what a preview showed. It goes on while other pages are shown. */
export function importWork(file: File, allowed: Allowed, rows: number): Work {
  const title = t('import.work', { name: file.name });
  const drive = async (work: Work) => {
    const stop = new AbortController();
    work.onStop = () => stop.abort();
    try {
      const report = await importFile(file, allowed, true, (progress) => work.at(progress.stage === 'writing' ? progress.rows : 0), stop.signal);
      work.note(report.refusals.map(({ line, reason }) => ({ id: String(line), name: t('import.line', { line: String(line) }), error: reason })));
      work.end(report.outcome !== 'refused' ? report.new + report.changed + report.unchanged : 0, report.rows);
      if (report.outcome === 'stopped') work.note([{ id: '', name: t('bulk.rest'), error: t('import.stopped') }]);
    } catch (error) {
      const message = stop.signal.aborted ? t('import.stoppedByYou') : error instanceof Error ? error.message : String(error);
      work.note([{ id: '', name: file.name, error: message }]);
    }
  };
  return new Work(title, rows, drive, () => importWork(file, allowed, rows));
}
