// One field of a form: its label, its control, a hint, and what is wrong with it.
import { t } from '../texts/index.js';
import { h, newId } from './h.js';

export interface FieldSpec {
  /** The name in the API. */
  name: string;
  label: string;
  kind?: 'text' | 'email' | 'password' | 'textarea' | 'select' | 'switch' | 'date' | 'datetime-local' | 'number' | 'search';
  hint?: string;
  required?: boolean;
  /** It is shown and cannot be changed. */
  disabled?: boolean;
  autocomplete?: string;
  maxLength?: number;
  minLength?: number;
  options?: { value: string; label: string }[];
  /** What else the value has to be; `null` if it is fine. */
  check?: (value: string) => string | null;
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export interface Field {
  spec: FieldSpec;
  element: HTMLElement;
  control: Control;
  read(): string | boolean;
  write(value: string | boolean): void;
  /** Says what is wrong; `null`: nothing. */
  complain(message: string | null): void;
  /** What the browser or the field's own check finds wrong. */
  problem(): string | null;
}

function controlOf(spec: FieldSpec, id: string): Control {
  const common = {
    id,
    name: spec.name,
    required: spec.required ?? false,
    disabled: spec.disabled ?? false,
    ...(spec.autocomplete ? { autocomplete: spec.autocomplete } : {}),
  };
  if (spec.kind === 'select') {
    return h('select', common, (spec.options ?? []).map((option) => h('option', { value: option.value }, option.label)));
  }
  const lengths = {
    ...(spec.maxLength ? { maxLength: spec.maxLength } : {}),
    ...(spec.minLength ? { minLength: spec.minLength } : {}),
  };
  if (spec.kind === 'textarea') return h('textarea', { ...common, ...lengths, rows: 3 });
  if (spec.kind === 'switch') return h('input', { ...common, type: 'checkbox', class: 'switch', role: 'switch' });
  return h('input', { ...common, ...lengths, type: spec.kind ?? 'text' });
}

/** Makes a field. */
export function makeField(spec: FieldSpec): Field {
  const id = newId(spec.name.toLowerCase());
  const control = controlOf(spec, id);
  const trouble = h('p', { class: 'trouble', id: `${id}-trouble`, hidden: true });
  const hint = spec.hint ? h('p', { class: 'hint', id: `${id}-hint` }, spec.hint) : null;
  const label = h('label', { for: id }, spec.label);
  const isSwitch = spec.kind === 'switch';
  const element = isSwitch
    ? h('div', { class: 'field field-switch' }, control, h('div', null, label, hint, trouble))
    : h('div', { class: 'field' }, label, spec.kind === 'password' ? h('div', { class: 'joined' }, control, reveal(control)) : control, hint, trouble);
  const describe = (wrong: boolean) => {
    const ids = [hint ? `${id}-hint` : '', wrong ? `${id}-trouble` : ''].filter(Boolean).join(' ');
    if (ids) control.setAttribute('aria-describedby', ids);
    else control.removeAttribute('aria-describedby');
  };
  describe(false);
  const complain = (message: string | null) => {
    trouble.textContent = message ?? '';
    trouble.hidden = message === null;
    if (message === null) control.removeAttribute('aria-invalid');
    else control.setAttribute('aria-invalid', 'true');
    describe(message !== null);
  };
  control.addEventListener('input', () => complain(null));
  return {
    spec,
    element,
    control,
    read: () => (isSwitch ? (control as HTMLInputElement).checked : control.value),
    write: (value) => {
      if (isSwitch) (control as HTMLInputElement).checked = value === true;
      else control.value = String(value);
    },
    complain,
    problem: () => (control.checkValidity() ? (spec.check?.(control.value) ?? null) : control.validationMessage),
  };
}

/** The button that shows what was typed as a password. */
function reveal(control: Control): HTMLElement {
  const button = h('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false' }, t('form.show'));
  button.addEventListener('click', () => {
    const shown = button.getAttribute('aria-pressed') === 'true';
    (control as HTMLInputElement).type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
    button.textContent = shown ? t('form.show') : t('form.hide');
  });
  return button;
}
