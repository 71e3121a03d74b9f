// Importing accounts: a file is dropped or chosen, what would be done is shown, and then it is done.
import type { ImportReport } from '@rosterd/client';
import { card, facts, pageTitle } from '../parts/card.js';
import { makeField } from '../parts/field.js';
import { fill, h, type Child } from '../parts/h.js';
import { ENDS, importFile, importWork, SWITCHES, type Allowed } from '../parts/importing.js';
import { empty, failure } from '../parts/states.js';
import { number } from '../parts/time.js';
import { showWork } from '../parts/work-dialog.js';
import type { Page } from '../router.js';
import { t } from '../texts/index.js';

export const importPeople: Page = (place) => {
  let file: File | null = null;
  /** Ends the preview of another file, or of another choice. */
  let stale = new AbortController();
  place.left.addEventListener('abort', () => stale.abort());
  const fields = SWITCHES.map((name) => makeField({ name, label: t(`import.${name}`), kind: 'switch' }));
  const allowed = () => Object.fromEntries(fields.map((field) => [field.spec.name, field.read() === true])) as Allowed;
  const shown = h('div');
  const preview = h('section', { class: 'card', 'aria-label': t('import.preview'), hidden: true }, h('h2', null, t('import.preview')), shown);

  const look = async () => {
    if (!file) return;
    stale.abort();
    stale = new AbortController();
    const { signal } = stale;
    const state = h('p', { role: 'status' }, t('import.sending'));
    preview.hidden = false;
    fill(shown, h('progress', { 'aria-label': t('import.preview') }), state);
    try {
      const report = await importFile(file, allowed(), false, ({ rows }) => (state.textContent = t('import.checking', { n: rows })), signal);
      if (!signal.aborted) fill(shown, reportOf(report, allowed(), () => void apply(report)));
    } catch (error) {
      if (!signal.aborted) fill(shown, failure(error, () => void look()));
    }
  };
  const apply = async (report: ImportReport) => {
    if (!file) return;
    const work = importWork(file, allowed(), report.rows);
    // What is left to do, if anything.
    work.onEnd = () => {
      if (!place.left.aborted) void look();
    };
    void work.start();
    await showWork(work);
  };
  for (const field of fields) field.control.addEventListener('change', () => void look());
  return h(
    'div',
    null,
    pageTitle(t('import.title')),
    h('p', { class: 'fine prose' }, t('import.text')),
    h(
      'div',
      { class: 'cards two' },
      card(t('import.file'), drop((chosen) => {
        file = chosen;
        void look();
      })),
      card(t('import.allowed'), h('div', { class: 'form' }, fields.map((field) => field.element))),
    ),
    preview,
  );
};

/** Where a file is dropped, or chosen. */
function drop(chosen: (file: File) => void): HTMLElement {
  const input = h('input', { type: 'file', accept: ENDS, class: 'unseen', id: 'import-file' });
  const name = h('p', { role: 'status' }, t('import.drop'));
  const take = (file: File | null | undefined) => {
    if (!file) return;
    name.textContent = file.name;
    chosen(file);
  };
  input.addEventListener('change', () => {
    take(input.files?.[0]);
    // The same file can be chosen again once it was mended.
    input.value = '';
  });
  const zone = h('div', { class: 'drop' }, name, input, h('label', { for: 'import-file', class: 'button' }, t('import.choose')));
  zone.addEventListener('dragover', (event) => {
    event.preventDefault();
    zone.classList.add('over');
  });
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    take(event.dataTransfer?.files[0]);
  });
  return zone;
}

/** What would be done, and the button that does it. */
function reportOf(report: ImportReport, allowed: Allowed, apply: () => void): Child {
  const count = report.new + report.changed;
  const isRefused = report.refused > 0 && !allowed.skip_bad;
  const more: [string, Child][] = [];
  if (report.new_groups.length) more.push([t('import.newGroups'), report.new_groups.join(', ')]);
  if (report.ignored_columns.length) more.push([t('import.ignored'), report.ignored_columns.join(', ')]);
  return h(
    'div',
    { class: 'part' },
    facts(
      [t('import.format'), report.format],
      [t('import.rows'), number(report.rows)],
      [t('import.new'), number(report.new)],
      [t('import.changedRows'), number(report.changed)],
      [t('import.unchanged'), number(report.unchanged)],
      [t('import.refused'), number(report.refused)],
      ...more,
    ),
    report.refused > 0 && refusals(report),
    isRefused && h('p', { class: 'notice bad', role: 'status' }, t('import.refusedAll')),
    !isRefused && count === 0 && empty(t('import.nothing'), t('import.nothing.next')),
    !isRefused && count > 0 && h('div', { class: 'actions start' }, h('button', { type: 'button', class: 'primary', onclick: apply }, t('import.apply', { n: count }))),
  );
}

function refusals(report: ImportReport): Child {
  const row = ({ line, reason }: ImportReport['refusals'][number]) => h('tr', { class: 'failed' }, h('td', null, t('import.line', { line: String(line) })), h('td', null, reason));
  const shown = report.refusals.length;
  return [
    h(
      'div',
      { class: 'scroll results', tabIndex: 0, role: 'group', 'aria-label': t('import.refusals') },
      h('table', null, h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('import.refusals')), h('th', { scope: 'col' }, t('import.reason')))), h('tbody', null, report.refusals.map(row))),
    ),
    shown < report.refused && h('p', { class: 'fine' }, t('import.firstOnly', { shown: String(shown), n: report.refused })),
  ];
}
