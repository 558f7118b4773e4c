import { catalogue } from '../../../../web/kit/words.ts';
import de from './messages.de.json';
import en from './messages.en.json';

export const words = catalogue(en, de);
