// The stored configuration, and what every account may do without a group.
import {
  getAdminConfig,
  getGroups,
  getUserDefaultPermissions,
  getUserDefaultPermissionsDefaults,
  updateAdminConfig,
  updateUserDefaultPermissions,
  type AdminConfig,
  type AdminConfigForm,
  type GroupResponse,
  type UserPermissionsForm,
} from '@rosterd/client';
import { call, callVersioned, client, onlyIf, type Versioned } from '../api.js';
import { card, pageTitle } from '../parts/card.js';
import { fieldsOf, fromField, SECTIONS, toField } from '../parts/config-table.js';
import { save } from '../parts/conflict.js';
import { makeForm, type Values } from '../parts/form.js';
import { fill, h, type Child } from '../parts/h.js';
import { box, has, mark, rightName, rightsOf, rightsTable, type Tree } from '../parts/rights.js';
import { failure, part, toast } from '../parts/states.js';
import type { Page } from '../router.js';
import { t } from '../texts/index.js';

export const settings: Page = (place) =>
  h(
    'div',
    null,
    pageTitle(t('settings.title')),
    h('p', { class: 'fine' }, t('settings.stored.text')),
    part(async () => {
      const [config, groups] = await Promise.all([readConfig(), call(() => getGroups({ client }))]);
      const known: Known = { config, sections: [] };
      return h('div', { class: 'cards two' }, SECTIONS.map((section) => sectionForm(section, known, groups)));
    }, place.left),
    card(t('settings.rights'), h('p', { class: 'fine' }, t('settings.rights.text')), rights(place.left)),
  );

/** What all sections have in common: the call stores all keys at once, and they have one version. */
interface Known {
  config: Versioned<AdminConfig>;
  /** Each is told what is stored after another one was saved. */
  sections: (() => void)[];
}

const readConfig = () => callVersioned<AdminConfig>(() => getAdminConfig({ client }));

function sectionForm(section: (typeof SECTIONS)[number], known: Known, groups: GroupResponse[]): Child {
  const fields = fieldsOf(section, known.config.data, groups);
  if (fields.length === 0) return null;
  const keys = fields.map((field) => field.name);
  const labels = new Map(fields.map((field) => [field.name, field.label]));
  const shown = (config: AdminConfig): Values => {
    const values = config as unknown as Record<string, unknown>;
    return Object.fromEntries(keys.map((key) => [key, toField(key, values[key])]));
  };
  let loaded = shown(known.config.data);
  const form = makeForm({
    draft: `settings:${section.title}`,
    onlyChanges: true,
    fields,
    initial: loaded,
    submit: t('form.save'),
    send: async (values) => {
      const write = (change: Partial<Values>, { data, version }: Versioned<AdminConfig>) => {
        const before = data as unknown as Record<string, unknown>;
        const changed = Object.entries(change).map(([key, value]) => [key, fromField(key, value as string | boolean, before[key])]);
        const body = { ...data, ...Object.fromEntries(changed) } as AdminConfigForm;
        // Every key was sent, so the answer has all of them.
        return callVersioned(() => updateAdminConfig({ client, body, ...onlyIf(version) })) as Promise<Versioned<AdminConfig>>;
      };
      const saved = await save({ labels, loaded, yours: values, stored: known.config, shown, read: readConfig, write });
      if (!saved) return false;
      known.config = saved;
      loaded = shown(saved.data);
      form.settle(loaded);
      for (const tell of known.sections) tell();
      toast(t('form.saved'));
      return true;
    },
  });
  // What somebody is typing in another section stays; it is compared with what is stored when that one is saved.
  known.sections.push(() => {
    const typed = form.values();
    if (keys.some((key) => typed[key] !== loaded[key])) return;
    loaded = shown(known.config.data);
    form.settle(loaded);
  });
  return card(t(section.title), form.element);
}

/** The table of default rights, beside those that are built in. */
function rights(left: AbortSignal): HTMLElement {
  return part(async () => {
    const [loaded, defaults] = await Promise.all([readTemplate(), call(() => getUserDefaultPermissionsDefaults({ client }))]);
    const builtIn = defaults as unknown as Tree;
    let stored = loaded;
    let template = stored.data;
    let mine = structuredClone(template);
    const place = h('div');
    const trouble = h('div');
    const button = h('button', { type: 'button', class: 'primary', disabled: true, onclick: () => void send() }, t('rights.save'));
    const set = (section: string, right: string, value: boolean) => {
      const rights = mine[section];
      if (typeof rights === 'object') rights[right] = value;
      button.disabled = JSON.stringify(mine) === JSON.stringify(template);
    };
    const draw = () =>
      fill(
        place,
        rightsTable(
          rightsOf(template),
          [
            { title: t('rights.template'), cell: (section, right) => box(`${rightName(right)}: ${t('rights.template')}`, has(mine, section, right), (value) => set(section, right, value)) },
            { title: t('rights.builtIn'), cell: (section, right) => mark(has(builtIn, section, right)) },
          ],
          (section, right) => has(mine, section, right),
        ),
      );
    const reset = () => {
      mine = structuredClone(builtIn);
      button.disabled = JSON.stringify(mine) === JSON.stringify(template);
      draw();
    };
    const send = async () => {
      button.disabled = true;
      try {
        const names = Object.keys(flat(template));
        const saved = await save({
          labels: new Map(names.map((name) => [name, name])),
          loaded: flat(template),
          yours: flat(mine),
          stored,
          shown: flat,
          read: readTemplate,
          write: (change, over) => writeTemplate(withChange(over.data, change), over.version),
        });
        if (!saved) return void (button.disabled = false);
        stored = saved;
        template = saved.data;
        mine = structuredClone(template);
        draw();
        toast(t('form.saved'));
        fill(trouble);
      } catch (error) {
        button.disabled = false;
        fill(trouble, failure(error));
      }
    };
    draw();
    return [place, trouble, h('div', { class: 'actions' }, h('button', { type: 'button', onclick: reset }, t('settings.reset')), button)];
  }, left);
}

const readTemplate = () => callVersioned(() => getUserDefaultPermissions({ client })) as unknown as Promise<Versioned<Tree>>;

function writeTemplate(tree: Tree, version: string | null): Promise<Versioned<Tree>> {
  const body = tree as unknown as UserPermissionsForm;
  return callVersioned(() => updateUserDefaultPermissions({ client, body, ...onlyIf(version) })) as unknown as Promise<Versioned<Tree>>;
}

/** The tree with these rights, by names such as `chat.delete`. */
function withChange(tree: Tree, change: Record<string, unknown>): Tree {
  const changed = structuredClone(tree);
  for (const [name, value] of Object.entries(change)) {
    const [section = '', right = ''] = name.split('.');
    const part = changed[section];
    if (typeof part === 'object') part[right] = value === true;
  }
  return changed;
}

function flat(tree: Tree): Record<string, unknown> {
  return Object.fromEntries([...rightsOf(tree)].flatMap(([section, rights]) => rights.map((right) => [`${section}.${right}`, has(tree, section, right)])));
}
