import de from './messages.de.json';
import en from './messages.en.json';
import { catalogue } from './words.ts';

export const kitWords = catalogue(en, de);
