// Theme and language, which this browser keeps.
import { choose, language, names, t, type Language } from '../texts/index.js';
import { h } from './h.js';

const THEME = 'rosterd.theme';
const THEMES = ['system', 'light', 'dark'] as const;

/** Shows the theme that was chosen here. */
export function applyTheme(): void {
  const theme = localStorage.getItem(THEME) ?? 'system';
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Two fields: the theme, which counts at once, and the language, for which `again` begins the page anew. */
export function lookFields(again = () => location.reload()): HTMLElement {
  const theme = h('select', null, THEMES.map((name) => h('option', { value: name }, t(`app.theme.${name}`))));
  theme.value = localStorage.getItem(THEME) ?? 'system';
  theme.addEventListener('change', () => {
    localStorage.setItem(THEME, theme.value);
    applyTheme();
  });
  const languages = h('select', null, Object.entries(names).map(([value, name]) => h('option', { value, lang: value }, name)));
  languages.value = language;
  languages.addEventListener('change', () => {
    choose(languages.value as Language);
    again();
  });
  return h('div', { class: 'look' }, h('label', { class: 'field' }, t('app.theme'), theme), h('label', { class: 'field' }, t('app.language'), languages));
}
