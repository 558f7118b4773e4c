import { modelOf } from '../../kernel/resource/model.ts';
import { searchedText } from '../../kernel/resource/search.ts';
import { defineTask } from '../../kernel/tasks/task.ts';
import { Event } from './resources/event.ts';
import { dropOver, joinParts, takeIn } from './search/take-in.ts';
import { purge } from './store.ts';

/** Deletes events whose time is over (`event.expires`, a year after they were written). */
export const purgeEvents = defineTask({
  name: 'audit.purge',
  schedule: '23 3 * * *',
  async run({ db }) {
    await purge(db);
  },
});

/** One run ends after so long, so that a server that stops need not wait, and others have their turn. */
const RUN_MS = 15_000;

/** Takes events into the index of the search (decision 0081); what is left is for the next run. */
export const indexEvents = defineTask({
  name: 'audit.index',
  schedule: '* * * * *',
  async run({ db, clock, registry }) {
    const text = searchedText(modelOf(Event, registry));
    const end = clock.now().getTime() + RUN_MS;
    const more = async (): Promise<boolean> => (await takeIn(db, text)) || (await joinParts(db)) || dropOver(db);
    while (clock.now().getTime() < end) if (!(await more())) return;
  },
});
