/** Markup that escapes by itself. */
import { html, inlineJson, trusted } from '../../src/report/html.js';

const HOSTILE = `</script><img src=x onerror="alert('1')">&amp;`;

test('what is put into a template is text, wherever it stands', () => {
  const { markup } = html`<td title="${HOSTILE}">${HOSTILE}</td>`;
  const escaped = '&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;';
  expect(markup).toBe(`<td title="${escaped}">${escaped}</td>`);
});

test('markup, lists of it and nothing are kept as they are', () => {
  const items = ['a<', 'b'].map((text) => html`<li>${text}</li>`);
  expect(
    html`<ol>
      ${items}${undefined}${trusted('<!---->')}${7}
    </ol>`.markup.replace(/\s/g, ''),
  ).toBe('<ol><li>a&lt;</li><li>b</li><!---->7</ol>');
});

test('characters that control or reorder a page are replaced', () => {
  expect(html`${'a\u0000b\u001bc\u202ed\u2066e\ud800f'}`.markup).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf');
});

test('JSON in a script element cannot end it and reads back the same', () => {
  const value = { [HOSTILE]: ['\u2028', '<!--', 'é'] };
  const { markup } = inlineJson(value);
  expect(markup).not.toMatch(/[<>&\u2028]/);
  expect(JSON.parse(markup)).toEqual(value);
});
