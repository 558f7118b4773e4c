import type { ComponentChild } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { PageFrame, PageInput, RenderedPage } from './page-input.ts';
import { writeState } from './state.ts';

type DocumentProps = {
  readonly frame: PageFrame;
  readonly title: string;
  readonly body: ComponentChild;
  /** Handed over to the browser; a page without it stays plain HTML. */
  readonly state?: PageInput;
  /** Whether the script comes along without anything to take over: it tidies up. */
  readonly script?: boolean;
};

/** A whole HTML document, for a content security policy without inline code. */
export function renderDocument(props: DocumentProps): RenderedPage {
  return { html: `<!doctype html>${renderToString(<Page {...props} />)}` };
}

function Page({ frame, title, body, state, script = state !== undefined }: DocumentProps) {
  const { nonce, locale, assets, brand } = frame;
  const styles = brand.styleUrl === undefined ? assets.styles : [...assets.styles, brand.styleUrl];
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <link rel="icon" href={brand.iconUrl ?? 'data:,'} />
        {styles.map((href) => (
          <link key={href} rel="stylesheet" href={href} nonce={nonce} />
        ))}
        {script ? <script type="module" src={assets.script} nonce={nonce} /> : null}
      </head>
      <body>
        <div id="root">{body}</div>
        {state ? <State input={state} nonce={nonce} /> : null}
      </body>
    </html>
  );
}

function State({ input, nonce }: { readonly input: PageInput; readonly nonce: string }) {
  return (
    <script type="application/json" id="state" nonce={nonce} dangerouslySetInnerHTML={{ __html: writeState(input) }} />
  );
}
