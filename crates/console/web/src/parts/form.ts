// Forms: checked by the browser first and by the server after that, each fault shown at its field.
import { Failed } from '../api.js';
import { t } from '../texts/index.js';
import { draftOf, dropDraft, keepDraft, type Draft } from './draft.js';
import { makeField, type Field, type FieldSpec } from './field.js';
import { fill, h, type Child } from './h.js';
import { failure } from './states.js';

export type Values = Record<string, string | boolean>;

export interface FormSpec {
  fields: FieldSpec[];
  submit: string;
  /** What the fields have at the beginning. */
  initial?: Values;
  /** The name under which what is typed survives a reload. Without one it does not. */
  draft?: string;
  /** Sends the values. What it throws is shown; `false` says that nothing was sent, and a draft is kept. */
  send: (values: Values) => Promise<unknown>;
  /** What stands between the fields and the button. */
  more?: Child;
  /** Beside the button. */
  actions?: Child;
  /** Whether the button waits until something was changed. */
  onlyChanges?: boolean;
}

export interface Form {
  element: HTMLFormElement;
  values(): Values;
  /** Takes these values as what is stored now. */
  settle(values: Values): void;
  field(name: string): Field | undefined;
}

/** Makes a form. */
export function makeForm(spec: FormSpec): Form {
  const fields = spec.fields.map(makeField);
  const byName = new Map(fields.map((field) => [field.spec.name, field]));
  let stored: Values = spec.initial ?? {};
  const notice = h('div', { class: 'form-notice' });
  const kept = h('div', { class: 'form-notice' });
  const button = h('button', { class: 'primary' }, spec.submit);
  const element = h(
    'form',
    { class: 'form', noValidate: true, onsubmit: (event: SubmitEvent) => void submit(event) },
    kept,
    fields.map((field) => field.element),
    spec.more,
    notice,
    h('div', { class: 'actions' }, spec.actions, button),
  );

  const values = () => Object.fromEntries(fields.map((field) => [field.spec.name, field.read()]));
  const write = (wanted: Values) => {
    for (const field of fields) {
      const value = wanted[field.spec.name];
      if (value !== undefined) field.write(value);
    }
  };
  const isChanged = () => fields.some((field) => field.read() !== (stored[field.spec.name] ?? (field.spec.kind === 'switch' ? false : '')));
  const changed = () => {
    if (spec.onlyChanges) button.disabled = !isChanged();
    if (!spec.draft) return;
    if (isChanged()) keepDraft(spec.draft, withoutPasswords(fields));
    else dropDraft(spec.draft);
  };
  const settle = (wanted: Values) => {
    stored = { ...stored, ...wanted };
    write(wanted);
    fill(kept);
    changed();
  };

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    fill(notice);
    for (const field of fields) field.complain(field.problem());
    const wrong = fields.find((field) => field.problem() !== null);
    if (wrong) return wrong.control.focus();
    button.disabled = true;
    button.setAttribute('aria-busy', 'true');
    try {
      const sent = await spec.send(values());
      if (spec.draft && sent !== false) dropDraft(spec.draft);
    } catch (error) {
      show(error);
    } finally {
      button.removeAttribute('aria-busy');
      button.disabled = spec.onlyChanges === true && !isChanged();
    }
  }

  /** Faults of fields stand at their fields, all others before the button. */
  function show(error: unknown): void {
    let first: Field | undefined;
    for (const [name, message] of error instanceof Failed ? error.fields : []) {
      // A fault within a list, such as `events.1`, stands at the field of the list.
      const field = byName.get(name) ?? byName.get(name.split('.')[0] ?? '');
      field?.complain(message);
      first ??= field;
    }
    if (first) first.control.focus();
    else fill(notice, failure(error));
  }

  write(stored);
  const draft = spec.draft ? draftOf(spec.draft) : null;
  if (draft && spec.draft) {
    write(draft);
    fill(kept, restored(() => settle(stored)));
  }
  element.addEventListener('input', changed);
  changed();
  return { element, values, settle, field: (name) => byName.get(name) };
}

function withoutPasswords(fields: Field[]): Draft {
  const kept = fields.filter((field) => field.spec.kind !== 'password');
  return Object.fromEntries(kept.map((field) => [field.spec.name, field.read()]));
}

/** Says that a draft is shown, and how to get rid of it. */
export function restored(discard: () => void): HTMLElement {
  return h('p', { class: 'notice', role: 'status' }, `${t('form.restored')} `, h('button', { type: 'button', class: 'link', onclick: discard }, t('form.discard')));
}
