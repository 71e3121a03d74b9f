// The part of a picture that is to be shown: a square, 256 pixels wide.
import { t } from '../texts/index.js';
import { openDialog } from './dialog.js';
import { h } from './h.js';

const SIZE = 256;

/** How far an arrow key moves the picture, in pixels of the square. */
const STEP = 8;

/** Lets somebody choose the part of a picture; a `data:` URL of it, or `null`. Throws if the file is no picture. */
export async function crop(file: File): Promise<string | null> {
  const picture = await createImageBitmap(file);
  const canvas = h('canvas', { width: SIZE, height: SIZE, tabIndex: 0, class: 'crop', role: 'img', 'aria-label': t('account.picture.hint') });
  const context = canvas.getContext('2d');
  if (!context) return null;
  const least = SIZE / Math.min(picture.width, picture.height);
  let scale = least;
  let [x, y] = [(SIZE - picture.width * scale) / 2, (SIZE - picture.height * scale) / 2];

  const draw = () => {
    x = Math.min(0, Math.max(SIZE - picture.width * scale, x));
    y = Math.min(0, Math.max(SIZE - picture.height * scale, y));
    context.clearRect(0, 0, SIZE, SIZE);
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, x, y, picture.width * scale, picture.height * scale);
  };
  const zoom = h('input', { type: 'range', min: '1', max: '4', step: '0.05', value: '1' });
  zoom.addEventListener('input', () => {
    const wanted = least * Number(zoom.value);
    // What is in the middle stays in the middle.
    [x, y] = [x, y].map((at) => SIZE / 2 - ((SIZE / 2 - at) * wanted) / scale) as [number, number];
    scale = wanted;
    draw();
  });
  canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener('pointermove', (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const ratio = SIZE / canvas.clientWidth;
    [x, y] = [x + event.movementX * ratio, y + event.movementY * ratio];
    draw();
  });
  canvas.addEventListener('keydown', (event) => {
    const moves: Record<string, [number, number]> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    [x, y] = [x + move[0], y + move[1]];
    draw();
  });

  let chosen: string | null = null;
  const use = () => {
    // A photograph is a tenth of the size as JPEG, but a picture with holes keeps them.
    chosen = file.type === 'image/jpeg' ? canvas.toDataURL('image/jpeg', 0.86) : canvas.toDataURL('image/png');
    dialog.close();
  };
  const dialog = openDialog(
    t('account.picture.crop'),
    h(
      'div',
      { class: 'crop-box' },
      canvas,
      h('label', { class: 'field' }, t('account.picture.zoom'), zoom),
      h('p', { class: 'hint' }, t('account.picture.hint')),
      h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => dialog.close() }, t('dialog.cancel')), h('button', { type: 'button', class: 'primary', onclick: use }, t('account.picture.use'))),
    ),
  );
  draw();
  await dialog.closed;
  picture.close();
  return chosen;
}
