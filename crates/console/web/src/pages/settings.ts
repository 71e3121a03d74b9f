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
import { call, client } from '../api.js';
import { card, pageTitle } from '../parts/card.js';
import { fieldsOf, fromField, SECTIONS, toField } from '../parts/config-table.js';
import { merge } from '../parts/conflict.js';
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
      const [config, groups] = await Promise.all([call(() => getAdminConfig({ client })), call(() => getGroups({ client }))]);
      const sections = SECTIONS.map((section) => sectionForm(section, config, groups));
      return h('div', { class: 'cards two' }, sections);
    }, place.left),
    card(t('settings.rights'), h('p', { class: 'fine' }, t('settings.rights.text')), rights(place.left)),
  );

function sectionForm(section: (typeof SECTIONS)[number], loaded: AdminConfig, groups: GroupResponse[]): Child {
  const fields = fieldsOf(section, loaded, groups);
  if (fields.length === 0) return null;
  const keys = fields.map((field) => field.name);
  const labels = new Map(fields.map((field) => [field.name, field.label]));
  const shown = (config: AdminConfig): Values => {
    const values = config as unknown as Record<string, unknown>;
    return Object.fromEntries(keys.map((key) => [key, toField(key, values[key])]));
  };
  let known = shown(loaded);
  const form = makeForm({
    draft: `settings:${section.title}`,
    onlyChanges: true,
    fields,
    initial: known,
    submit: t('form.save'),
    send: async (values) => {
      // The call stores all keys at once. So what is stored is read right before, and only what was changed here is put in.
      const stored = await call(() => getAdminConfig({ client }));
      const change = await merge<Record<string, unknown>>(labels, known, values, shown(stored));
      if (!change) return false;
      const before = stored as unknown as Record<string, unknown>;
      const changed = Object.entries(change).map(([key, value]) => [key, fromField(key, value as string | boolean, before[key])]);
      const body = { ...stored, ...Object.fromEntries(changed) } as AdminConfigForm;
      await call(() => updateAdminConfig({ client, body }));
      known = shown(await call(() => getAdminConfig({ client })));
      form.settle(known);
      toast(t('form.saved'));
    },
  });
  return card(t(section.title), form.element);
}

/** The table of default rights, beside those that are built in. */
function rights(left: AbortSignal): HTMLElement {
  return part(async () => {
    const [template, builtIn] = (await Promise.all([
      call(() => getUserDefaultPermissions({ client })),
      call(() => getUserDefaultPermissionsDefaults({ client })),
    ])) as unknown as [Tree, Tree];
    let mine = structuredClone(template);
    const place = h('div');
    const trouble = h('div');
    const save = h('button', { type: 'button', class: 'primary', disabled: true, onclick: () => void send() }, t('rights.save'));
    const set = (section: string, right: string, value: boolean) => {
      const rights = mine[section];
      if (typeof rights === 'object') rights[right] = value;
      save.disabled = JSON.stringify(mine) === JSON.stringify(template);
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
      save.disabled = JSON.stringify(mine) === JSON.stringify(template);
      draw();
    };
    const send = async () => {
      save.disabled = true;
      try {
        const stored = (await call(() => getUserDefaultPermissions({ client }))) as unknown as Tree;
        const labels = new Map([...rightsOf(template)].flatMap(([section, names]) => names.map((right): [string, string] => [`${section}.${right}`, `${section}.${right}`])));
        const change = await merge(labels, flat(template), flat(mine), flat(stored));
        if (!change) return void (save.disabled = false);
        for (const [name, value] of Object.entries(change)) {
          const [section = '', right = ''] = name.split('.');
          const part = stored[section];
          if (typeof part === 'object') part[right] = value === true;
        }
        const saved = (await call(() => updateUserDefaultPermissions({ client, body: stored as unknown as UserPermissionsForm }))) as unknown as Tree;
        Object.assign(template, structuredClone(saved));
        mine = structuredClone(saved);
        draw();
        toast(t('form.saved'));
        fill(trouble);
      } catch (error) {
        save.disabled = false;
        fill(trouble, failure(error));
      }
    };
    draw();
    return [place, trouble, h('div', { class: 'actions' }, h('button', { type: 'button', onclick: reset }, t('settings.reset')), save)];
  }, left);
}

function flat(tree: Tree): Record<string, unknown> {
  return Object.fromEntries([...rightsOf(tree)].flatMap(([section, rights]) => rights.map((right) => [`${section}.${right}`, has(tree, section, right)])));
}
