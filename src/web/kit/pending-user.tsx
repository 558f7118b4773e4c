import { kitWords } from './kit-words.ts';
import { usePage } from './page.ts';

type PendingUserProps = { readonly name: string; readonly mayLeave?: boolean };

/** Who the flow takes the visitor for, with a way out. Shows no picture: it could come from a stranger's server. */
export function PendingUser({ name, mayLeave = true }: PendingUserProps) {
  const page = usePage();
  if (!name) return null;
  const say = kitWords(page.locale);
  return (
    <div class="person">
      <span class="person-mark" aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
      <span class="visually-hidden">{say('continueAs', { user: name })}</span>
      <span class="person-name" aria-hidden="true">
        {name}
      </span>
      {mayLeave ? <a href={page.cancelUrl}>{say('notYou')}</a> : null}
    </div>
  );
}
