import type { JsonObject } from '../../../kernel/schema/types.ts';
import { nothing, render } from './html.ts';
import type { Markup } from './html.ts';
import { objectOf, objectsOf, schemaLimits, schemaSection, schemaType, textOf } from './schemas.ts';

/** The page's style sheet; its hash is in the page's policy, so it must stand in the page as it is. */
export const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem}
details{border:1px solid #8886;border-radius:4px;margin:.3rem 0;padding:.2rem .6rem}
summary{cursor:pointer;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
td{border-top:1px solid #8886;padding:.2rem .6rem .2rem 0;vertical-align:top;overflow-wrap:anywhere}
b.method{display:inline-block;min-width:5rem;font-family:monospace}
nav a{display:inline-block;margin-right:1rem}
`;

type Operation = { readonly path: string; readonly method: string; readonly operation: JsonObject };

function operationsOf(document: JsonObject): Operation[] {
  return Object.entries(objectOf(document['paths'])).flatMap(([path, methods]) =>
    Object.entries(objectOf(methods)).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation: objectOf(operation),
    })),
  );
}

/** Follows a reference to a shared parameter or answer. */
function resolve(document: JsonObject, part: JsonObject): JsonObject {
  const ref = textOf(part['$ref']);
  if (ref === '') return part;
  return ref
    .replace('#/', '')
    .split('/')
    .reduce<JsonObject>((found, key) => objectOf(found[key]), document);
}

function parameterRow(parameter: JsonObject): Markup {
  const schema = objectOf(parameter['schema']);
  const mark = parameter['required'] === true ? render` <b title="required">*</b>` : nothing;
  return render`<tr>
    <td><code>${textOf(parameter['name'])}</code>${mark}</td>
    <td>${textOf(parameter['in'])}</td>
    <td>${schemaType(schema)}</td>
    <td>${schemaLimits(schema)}</td>
    <td>${textOf(parameter['description'])}</td>
  </tr> `;
}

function contentText(part: JsonObject): Markup {
  const types = Object.entries(objectOf(part['content']));
  if (types.length === 0) return render`no body`;
  const shown = types.map(([type, media]) => render`${schemaType(objectOf(objectOf(media)['schema']))} (${type}) `);
  return render`${shown}`;
}

function answerRows(document: JsonObject, operation: JsonObject): Markup[] {
  return Object.entries(objectOf(operation['responses'])).map(
    ([status, answer]) =>
      render`<tr>
        <td><code>${status}</code></td>
        <td>${contentText(resolve(document, objectOf(answer)))}</td>
      </tr> `,
  );
}

function operationSection(document: JsonObject, { path, method, operation }: Operation): Markup {
  const parameters = objectsOf(operation['parameters']).map((one) => parameterRow(resolve(document, one)));
  const body = operation['requestBody'];
  const isPublic = objectsOf(operation['security']).some((one) => Object.keys(one).length === 0);
  const id = textOf(operation['operationId']);
  return render`<details id="${id}">
    <summary><b class="method">${method}</b> <code>${path}</code></summary>
    <p>${textOf(operation['description'])} <small>${id}${isPublic ? ', public' : ''}</small></p>
    ${
      parameters.length > 0
        ? render`<h4>Parameters</h4>
            <table>
              ${parameters}
            </table>`
        : nothing
    }
    ${
      body === undefined
        ? nothing
        : render`<h4>Body</h4>
            <p>${contentText(objectOf(body))}</p>`
    }
    <h4>Answers</h4>
    <table>
      ${answerRows(document, operation)}
    </table>
  </details> `;
}

function tagOf({ operation }: Operation): string {
  const { tags } = operation;
  return Array.isArray(tags) ? textOf(tags[0]) : '';
}

/** What a reference says of its API: where it lives, and where its document is, by name. */
export type Api = { readonly root: string; readonly documents: Readonly<Record<string, string>> };

/** An API's reference: every operation by its tag, then the schemas. In: our OpenAPI document. Out: a whole page. */
export function referencePage(document: JsonObject, { root, documents }: Api): string {
  const operations = operationsOf(document);
  const tags = [...new Set(operations.map(tagOf))].toSorted();
  const groups = tags.map(
    (tag) =>
      render`<h2 id="tag-${tag}">${tag}</h2>
        ${operations.filter((one) => tagOf(one) === tag).map((one) => operationSection(document, one))}`,
  );
  const schemas = Object.entries(objectOf(objectOf(document['components'])['schemas']));
  const info = objectOf(document['info']);
  const { markup } = render`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${textOf(info['title'])} API</title>
        <style>${{ markup: STYLE }}</style>
      </head>
      <body>
        <h1>${textOf(info['title'])} API</h1>
        <p>
          API version ${textOf(info['version'])}, all paths below <code>${root}</code>. Send
          <code>Authorization: Bearer</code> and an API token. The same as a document:
          ${Object.entries(documents).map(([name, url]) => render`<a href="${url}">${name}</a> `)}. A star marks what is
          required.
        </p>
        <nav>${tags.map((tag) => render`<a href="#tag-${tag}">${tag}</a>`)}<a href="#schemas">schemas</a></nav>
        <main>
          ${groups}
          <h2 id="schemas">Schemas</h2>
          ${schemas.map(([name, schema]) => schemaSection(name, objectOf(schema)))}
        </main>
      </body>
    </html> `;
  return markup;
}
