// The words of the console. `en.ts` has all of them; another language is a file with the same keys and a line here.
import { de } from './de.js';
import { en, type Key } from './en.js';

const LANGUAGES = { en, de } as const satisfies Record<string, Record<Key, string>>;

export type Language = keyof typeof LANGUAGES;
export type { Key };

/** How each language names itself. */
export const names: Record<Language, string> = { en: 'English', de: 'Deutsch' };

const KEPT = 'rosterd.language';

/** The language that was chosen here, else the first of the browser's that there is. */
export function chosen(): Language {
  const wanted = [localStorage.getItem(KEPT) ?? '', ...navigator.languages].map((name) => name.slice(0, 2).toLowerCase());
  return wanted.find((name): name is Language => name in LANGUAGES) ?? 'en';
}

/** Keeps a language in this browser. It counts from the next start of the page. */
export function choose(language: Language): void {
  localStorage.setItem(KEPT, language);
}

export const language: Language = chosen();

/** How dates and numbers are written: as the browser wants it, where it wants this language. */
export const locale: string = navigator.languages.find((name) => name.slice(0, 2).toLowerCase() === language) ?? language;

const texts: Record<Key, string> = LANGUAGES[language];
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(locale);

/** What stands in place of `{name}`. A number chooses between `one | other` by its plural form. */
export type Values = Record<string, string | number>;

/** A text in the language of the page. */
export function t(key: Key, values: Values = {}): string {
  const forms = texts[key].split(' | ');
  const count = Object.values(values).find((value) => typeof value === 'number');
  const form = forms.length > 1 && count !== undefined && plurals.select(count as number) !== 'one' ? forms[1] : forms[0];
  return (form ?? '').replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? numbers.format(value) : value;
  });
}

/** A text whose key is put together, such as that of a role; the last part itself where there is none. */
export function tOr(prefix: string, name: string, values: Values = {}): string {
  const key = `${prefix}.${name}`;
  return key in texts ? t(key as Key, values) : name;
}
