import type { ComponentChildren } from 'preact';
import type { OwnPageProps } from '../../../../web/kit/own-page.ts';
import { listOf, recordOf, textOf } from '../../../../web/kit/read.ts';
import { words } from './words.ts';

type PostProps = Pick<OwnPageProps, 'formAction' | 'hidden'> & { readonly children: ComponentChildren };

/** A form that needs no script; what it sends along unseen is the page's. */
export function Post({ formAction, hidden, children }: PostProps) {
  return (
    <form class="form" method="post" action={formAction}>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}

/** A button that is the answer. */
export function Action({
  value,
  quiet = false,
  label,
  children,
}: {
  value: string;
  quiet?: boolean;
  /** What it is called where several have the same words on them; begins with these. */
  label?: string;
  children: ComponentChildren;
}) {
  return (
    <button
      type="submit"
      class={quiet ? 'button button-quiet' : 'button'}
      name="action"
      value={value}
      aria-label={label}
    >
      {children}
    </button>
  );
}

/** The way back to one's own page. */
export function Home({ locale }: Pick<OwnPageProps, 'locale'>) {
  return (
    <p class="links">
      <a href="/">{words(locale)('home')}</a>
    </p>
  );
}

/** An instant in UTC, which the page's script puts into the reader's zone. */
export function Time({ value }: { readonly value: unknown }) {
  const time = recordOf(value);
  return (
    <time dateTime={textOf(time?.instant)} data-local="">
      {textOf(time?.absolute)}
    </time>
  );
}

/** The parts of a message, as elements of a short list; everything else in it is text (T23). */
export function Parts({ parts }: { readonly parts: unknown }) {
  return (
    <>
      {listOf(parts).map((part, index) => (
        <Part key={index} part={part} />
      ))}
    </>
  );
}

function Part({ part }: { readonly part: unknown }) {
  const record = recordOf(part);
  if (!record) return <>{textOf(part)}</>;
  const inner = <Parts parts={record.parts} />;
  return ELEMENTS.get(textOf(record.element))?.(inner, textOf(record.href)) ?? inner;
}

const ELEMENTS: ReadonlyMap<string, (inner: ComponentChildren, href: string) => ComponentChildren> = new Map([
  ['p', (inner) => <p class="text">{inner}</p>],
  ['heading', (inner) => <p class="lead">{inner}</p>],
  ['ul', (inner) => <ul class="list">{inner}</ul>],
  ['ol', (inner) => <ol class="list">{inner}</ol>],
  ['li', (inner) => <li>{inner}</li>],
  ['quote', (inner) => <blockquote class="quote">{inner}</blockquote>],
  ['strong', (inner) => <strong>{inner}</strong>],
  ['em', (inner) => <em>{inner}</em>],
  ['code', (inner) => <code>{inner}</code>],
  // Can be scrolled, so it can be reached.
  [
    'pre',
    (inner) => (
      <pre class="trace" tabIndex={0}>
        {inner}
      </pre>
    ),
  ],
  ['br', () => <br />],
  ['a', link],
]);

function link(inner: ComponentChildren, href: string) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {inner}
    </a>
  );
}
