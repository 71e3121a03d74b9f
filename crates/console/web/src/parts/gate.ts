// The frame of what is shown to who is not signed in.
import { serverConfig } from '../session.js';
import { h } from './h.js';
import { lookFields } from './look.js';

/** The name of the deployment above a box, and below it the language, for which `again` begins the page anew, and the theme. */
export function gate(box: HTMLElement, again?: () => void): HTMLElement {
  const name = serverConfig()?.name ?? 'rosterd';
  return h('div', { class: 'gate' }, h('header', { class: 'gate-brand' }, h('span', { class: 'logo', 'aria-hidden': 'true' }), name), box, h('footer', { class: 'gate-foot' }, lookFields(again)));
}

/** The box itself, which is filled and filled again. */
export const gateBox = () => h('main', { id: 'content', class: 'gate-box', tabIndex: -1 });
