// A picture of somebody, or the first letters of the name on a colour of its own.
import { pictureOf } from '../api.js';
import { fill, h } from './h.js';

/** How many colours `style.css` has for letters. */
const COLOURS = 8;

function letters(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? '')][0] ?? '?';
  const last = words.length > 1 ? ([...(words[words.length - 1] ?? '')][0] ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

function colourOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return sum % COLOURS;
}

/** It tells nothing that the name beside it does not, so it is no content for those who cannot see it. */
export function avatar(person: { id: string; name: string; profile_image_url?: string | null }, size: 'small' | 'large' = 'small'): HTMLElement {
  const url = pictureOf(person.id, person.profile_image_url);
  const place = h('span', { class: `avatar ${size}`, 'aria-hidden': 'true', 'data-colour': colourOf(person.id) });
  if (!url) return fill(place, letters(person.name));
  const picture = h('img', { src: url, alt: '', loading: 'lazy', decoding: 'async' });
  picture.addEventListener('error', () => fill(place, letters(person.name)));
  return fill(place, picture);
}
