// The stored configuration as fields: which there are, and how a value becomes a text and back.
import type { AdminConfig, GroupResponse } from '@rosterd/client';
import { t, tOr, type Key } from '../texts/index.js';
import type { FieldSpec } from './field.js';

type Kind = 'switch' | 'text' | 'long' | 'number' | 'role' | 'group' | 'mode' | 'json';

/** Sections of the page, each with its keys. A database of Open WebUI 0.6 has fewer; those are left out. */
export const SECTIONS: { title: Key; keys: [string, Kind][] }[] = [
  {
    title: 'settings.section.access',
    keys: [['ENABLE_SIGNUP', 'switch'], ['ENABLE_LOGIN_FORM', 'switch'], ['DEFAULT_USER_ROLE', 'role'], ['DEFAULT_GROUP_ID', 'group'], ['JWT_EXPIRES_IN', 'text']],
  },
  {
    title: 'settings.section.keys',
    keys: [['ENABLE_API_KEYS', 'switch'], ['ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS', 'switch'], ['API_KEYS_ALLOWED_ENDPOINTS', 'text']],
  },
  {
    title: 'settings.section.waiting',
    keys: [['SHOW_ADMIN_DETAILS', 'switch'], ['ADMIN_EMAIL', 'text'], ['PENDING_USER_OVERLAY_TITLE', 'text'], ['PENDING_USER_OVERLAY_CONTENT', 'long']],
  },
  { title: 'settings.section.people', keys: [['ENABLE_USER_STATUS', 'switch'], ['ENABLE_USER_WEBHOOKS', 'switch']] },
  {
    title: 'settings.section.chat',
    keys: [
      ['WEBUI_URL', 'text'], ['DEFAULT_LOCALE', 'text'], ['RESPONSE_WATERMARK', 'text'], ['ENABLE_COMMUNITY_SHARING', 'switch'],
      ['ENABLE_MESSAGE_RATING', 'switch'], ['ENABLE_FOLDERS', 'switch'], ['ENABLE_CHANNELS', 'switch'], ['ENABLE_ENCRYPTED_CHANNELS', 'switch'],
      ['CHANNEL_MODEL_RESPONSE_MODE', 'mode'], ['ENABLE_NOTES', 'switch'], ['ENABLE_AUTOMATIONS', 'switch'], ['ENABLE_CALENDAR', 'switch'],
      ['ENABLE_MEMORIES', 'switch'], ['ENABLE_MEMORY_SYSTEM_CONTEXT', 'switch'], ['ENABLE_APPS', 'switch'], ['ENABLE_SKILL_LAZY_LOADING', 'switch'],
      ['DEFAULT_PROMPT_SUGGESTIONS', 'json'], ['DEFAULT_INTERFACE_SETTINGS', 'json'], ['I18N', 'json'],
    ],
  },
  {
    title: 'settings.section.limits',
    keys: [['FOLDER_MAX_FILE_COUNT', 'number'], ['AUTOMATION_MAX_COUNT', 'number'], ['AUTOMATION_MIN_INTERVAL', 'number'], ['SKILL_CONTENT_MAX_CHARS', 'number'], ['SKILL_PREVIEW_MAX_CHARS', 'number']],
  },
];

const KINDS = new Map(SECTIONS.flatMap((section) => section.keys));

/** Numbers for which nothing is `null`; for the others it is the empty text. */
const NULLABLE = /^SKILL_/;

/** A value of the API as a field has it. */
export function toField(key: string, value: unknown): string | boolean {
  const kind = KINDS.get(key);
  if (kind === 'switch') return value === true;
  if (value === null || value === undefined) return '';
  return kind === 'json' ? JSON.stringify(value, null, 2) : String(value);
}

/** A value of a field as the API takes it. */
export function fromField(key: string, value: string | boolean, before: unknown): unknown {
  const kind = KINDS.get(key);
  if (typeof value === 'boolean') return value;
  const text = value.trim();
  if (kind === 'json') return text ? JSON.parse(text) : null;
  if (kind === 'number') return text === '' ? (NULLABLE.test(key) ? null : '') : Number(text);
  // A text that was never set stays so.
  return text === '' && before === null ? null : value;
}

function jsonProblem(value: string): string | null {
  if (!value.trim()) return null;
  try {
    JSON.parse(value);
    return null;
  } catch {
    return t('settings.json.bad');
  }
}

function specOf(key: string, kind: Kind, groups: GroupResponse[], value: unknown): FieldSpec {
  const label = tOr('config', key);
  const hint = tOr('config', `${key}.hint`);
  const base = { name: key, label, autocomplete: 'off', ...(hint.endsWith('.hint') ? {} : { hint }) };
  const options = (values: [string, string][]) => {
    // A stored value that is none of these stays, unless somebody changes it.
    if (!values.some(([known]) => known === String(value ?? ''))) values.push([String(value), String(value)]);
    return values.map(([known, text]) => ({ value: known, label: text }));
  };
  switch (kind) {
    case 'switch':
      return { ...base, kind: 'switch' };
    case 'long':
      return { ...base, kind: 'textarea' };
    case 'json':
      return { ...base, label: `${label} (${t('settings.json')})`, kind: 'textarea', check: jsonProblem };
    case 'number':
      return { ...base, kind: 'number' };
    case 'role':
      return { ...base, kind: 'select', options: options((['pending', 'user', 'admin'] as const).map((role) => [role, t(`role.${role}`)])) };
    case 'group':
      return { ...base, kind: 'select', options: options([['', t('settings.noGroup')], ...groups.map((group): [string, string] => [group.id, group.name])]) };
    case 'mode':
      return { ...base, kind: 'select', options: options([['thread', 'thread'], ['channel', 'channel']]) };
    default:
      return base;
  }
}

/** The fields of a section, as far as this database has them. */
export function fieldsOf(section: (typeof SECTIONS)[number], config: AdminConfig, groups: GroupResponse[]): FieldSpec[] {
  const values = config as unknown as Record<string, unknown>;
  return section.keys.filter(([key]) => key in values).map(([key, kind]) => specOf(key, kind, groups, values[key]));
}
