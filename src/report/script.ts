/** The page's script: neighbours of the token that is pointed at, in both maps. It only ever writes text, no markup. */
export const SCRIPT = `'use strict';
(() => {
  const source = document.getElementById('embedding-data');
  if (!source) return;
  const { tokens, float, int8 } = JSON.parse(source.textContent);
  const SVG = 'http://www.w3.org/2000/svg';
  const maps = [...document.querySelectorAll('svg.map')].map((svg) => ({
    svg,
    points: [...svg.querySelectorAll('.point')],
    found: svg.querySelector('.found'),
  }));
  const panel = document.getElementById('neighbours');
  const input = document.getElementById('token');
  const CLASSES = ['self', 'both', 'only-float', 'only-int8'];
  let pinned;

  const kindOf = (i, j) => (float[i].includes(j) ? (int8[i].includes(j) ? 'both' : 'only-float') : 'only-int8');

  /** Writes the names of points beside them, the first first, as long as none covers another. */
  function write(map, named) {
    map.found.replaceChildren();
    const taken = [];
    for (const [i, kind] of named) {
      const point = map.points[i];
      const text = document.createElementNS(SVG, 'text');
      const x = Number(point.getAttribute('cx'));
      const left = x > 380;
      text.setAttribute('x', x + (left ? -7 : 7));
      text.setAttribute('y', Number(point.getAttribute('cy')) + 4);
      text.setAttribute('text-anchor', left ? 'end' : 'start');
      text.setAttribute('class', kind);
      text.textContent = tokens[i];
      map.found.append(text);
      const box = text.getBBox();
      const covers = (other) =>
        box.x < other.x + other.width && other.x < box.x + box.width &&
        box.y + 3 < other.y + other.height && other.y + 3 < box.y + box.height;
      if (taken.some(covers)) text.remove();
      else taken.push(box);
    }
  }

  function list(title, i, neighbours) {
    const box = document.createElement('div');
    const head = document.createElement('h4');
    head.textContent = title;
    const items = document.createElement('ol');
    for (const j of neighbours) {
      const item = document.createElement('li');
      const mark = document.createElement('bdi');
      mark.className = kindOf(i, j);
      mark.textContent = tokens[j];
      item.append(mark);
      items.append(item);
    }
    box.append(head, items);
    return box;
  }

  function mark(map, i, near) {
    for (const point of map.points) point.classList.remove(...CLASSES);
    for (const [j, kind] of near) map.points[j].classList.add(kind);
    map.points[i].classList.add('self');
    map.svg.classList.add('searching');
    write(map, [[i, 'self'], ...near]);
  }

  function show(i) {
    const near = [...new Set([...float[i], ...int8[i]])].map((j) => [j, kindOf(i, j)]);
    for (const map of maps) mark(map, i, near);
    const shared = float[i].filter((j) => int8[i].includes(j)).length;
    const title = document.createElement('p');
    const token = document.createElement('strong');
    const text = document.createElement('bdi');
    text.textContent = tokens[i];
    token.append(text);
    title.append(token, ': ' + shared + ' of ' + float[i].length + ' nearest neighbours in both');
    panel.replaceChildren(title, list('float32', i, float[i]), list('int8', i, int8[i]));
  }

  const empty = panel.firstElementChild;
  function clear() {
    panel.replaceChildren(empty);
    for (const map of maps) {
      map.svg.classList.remove('searching');
      map.found.replaceChildren();
      for (const point of map.points) point.classList.remove(...CLASSES);
    }
  }

  const indexOf = (event) => {
    const point = event.target.closest('.point');
    return point ? Number(point.dataset.i) : undefined;
  };
  for (const { svg } of maps) {
    svg.addEventListener('pointerover', (event) => {
      const i = indexOf(event);
      if (i !== undefined) show(i);
    });
    svg.addEventListener('pointerleave', () => {
      if (pinned !== undefined) show(pinned);
    });
    svg.addEventListener('click', (event) => {
      pinned = indexOf(event);
      if (pinned === undefined) clear();
      else show(pinned);
    });
  }
  const find = () => {
    const wanted = input.value.trim();
    const bare = (token) => token.replaceAll('\\u2423', '').toLowerCase();
    let i = tokens.indexOf(wanted);
    if (i < 0 && wanted !== '') i = tokens.findIndex((token) => bare(token) === wanted.toLowerCase());
    if (i >= 0) show((pinned = i));
  };
  input.addEventListener('input', find);
  document.getElementById('finder').addEventListener('submit', (event) => {
    event.preventDefault();
    find();
  });
})();
`;
