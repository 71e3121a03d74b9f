// Paths of the console, and how to get from one to the other without loading the page anew.
import { base } from './api.js';

/** Where somebody is: what the path names, the filter behind it, and what ends with leaving. */
export interface Place {
  params: Record<string, string>;
  query: URLSearchParams;
  /** Aborts when another page is shown. */
  left: AbortSignal;
}

/** What makes a page. It may be shown before all of it is there. */
export type Page = (place: Place) => HTMLElement;

export interface Route {
  /** Such as `people/:id`. */
  path: string;
  page: Page;
}

const ROOT = `${base}/console`;

let leave = new AbortController();
let show: (route: Route | undefined, place: Place) => void = () => undefined;
let table: Route[] = [];

/** The URL of a page of the console. */
export function urlOf(path: string, query?: URLSearchParams | Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return `${ROOT}/${path}${text ? `?${text}` : ''}`;
}

/** The path within the console, without slashes around it. */
export function currentPath(): string {
  const path = location.pathname;
  const rest = path.startsWith(ROOT) ? path.slice(ROOT.length) : '';
  return rest.replace(/^\/+|\/+$/g, '');
}

function match(route: Route, path: string): Record<string, string> | null {
  const wanted = route.path.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [place, name] of wanted.entries()) {
    const part = parts[place] ?? '';
    if (name.startsWith(':')) params[name.slice(1)] = decoded(part);
    else if (name !== part) return null;
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function render(): void {
  leave.abort();
  leave = new AbortController();
  const path = currentPath();
  const place = { params: {}, query: new URLSearchParams(location.search), left: leave.signal };
  for (const route of table) {
    const params = match(route, path);
    if (params) return show(route, { ...place, params });
  }
  show(undefined, place);
}

/** Goes to a page. */
export function go(path: string, query?: URLSearchParams | Record<string, string>): void {
  history.pushState(null, '', urlOf(path, query));
  render();
}

/** Shows another page under the URL of this one's place in the history. */
export function replace(path: string, query?: URLSearchParams | Record<string, string>): void {
  history.replaceState(null, '', urlOf(path, query));
  render();
}

/** Writes the filter of a page into its URL. The page itself stays. */
export function keepInUrl(query: URLSearchParams): void {
  history.replaceState(history.state, '', urlOf(currentPath(), query));
}

/** Shows the current page anew. */
export function reload(): void {
  render();
}

/** Begins to follow links and the browser's buttons. */
export function start(routes: Route[], shown: typeof show): void {
  table = routes;
  show = shown;
  addEventListener('popstate', render);
  document.addEventListener('click', follow);
  render();
}

/** A plain click on a link of the console stays in this document. */
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || !link.href) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || (url.pathname !== ROOT && !url.pathname.startsWith(`${ROOT}/`))) return;
  // A place on this page: the link to the content.
  if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
  event.preventDefault();
  history.pushState(null, '', url);
  render();
}
