// Verifying the trail in the browser: every sealed event is read, and its seal computed anew.
import { base, send } from '../api.js';
import { t } from '../texts/index.js';
import { Chain, type Verdict } from './chain.js';
import { openDialog } from './dialog.js';
import { fill, h } from './h.js';
import { failure } from './states.js';
import { number } from './time.js';

/** How many bad positions are named. */
const NAMED = 50;

/** The data of server-sent events, one by one. */
async function* dataOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const lines = (rest + (value ?? '')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) yield line.slice(line[5] === ' ' ? 6 : 5);
    }
  }
}

async function read(signal: AbortSignal, progress: (count: number) => void): Promise<Verdict> {
  const answer = await send(`${base}/api/v1/audit/stream?position=0&follow=false`, { signal });
  if (!answer.ok || !answer.body) throw new Error(t('state.unknown'));
  const chain = new Chain();
  let count = 0;
  for await (const data of dataOf(answer.body)) {
    await chain.add(data);
    count += 1;
    if (count % 100 === 0) progress(count);
  }
  return chain.result();
}

function verdictText(verdict: Verdict): HTMLElement {
  const good = verdict.bad.length === 0;
  return h(
    'div',
    null,
    h('p', { class: good ? 'notice good' : 'notice bad', role: 'status' }, good ? t('trail.verify.good', { n: verdict.count }) : t('trail.verify.bad', { n: verdict.bad.length })),
    !good && h('p', null, verdict.bad.slice(0, NAMED).map(number).join(', ')),
    verdict.cut !== null && h('p', { class: 'notice' }, t('trail.verify.cut', { position: String(verdict.cut) })),
    verdict.erased > 0 && h('p', { class: 'fine' }, t('trail.verify.erased', { n: verdict.erased })),
    h('p', { class: 'fine' }, t('trail.verify.head'), ' ', h('code', null, verdict.head)),
  );
}

/** Verifies the whole trail in a dialog. Closing it stops. */
export async function verifyTrail(): Promise<void> {
  const stop = new AbortController();
  const state = h('p', { role: 'status' }, t('trail.verifying', { n: 0 }));
  const place = h('div', null, h('p', null, t('trail.verify.text')), state);
  const dialog = openDialog(t('trail.verify'), place);
  void dialog.closed.then(() => stop.abort());
  if (!crypto.subtle) return void fill(place, h('p', { class: 'notice' }, t('trail.verify.insecure')));
  try {
    fill(place, verdictText(await read(stop.signal, (n) => (state.textContent = t('trail.verifying', { n })))));
  } catch (error) {
    if (!stop.signal.aborted) fill(place, failure(error));
  }
  await dialog.closed;
}
