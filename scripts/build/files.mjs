import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every file below a folder, as paths relative to it with forward slashes, in one fixed order.
 * @param {string} root
 * @param {(folder: string) => boolean} [enter] called with a sub-folder's relative path; false leaves it out
 * @returns {string[]} empty when the folder does not exist
 */
export function listFiles(root, enter = () => true) {
  const found = [];
  const visit = (folder) => {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) found.push(path);
      else if (enter(path)) visit(path);
    }
  };
  visit('');
  return found.sort();
}

function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
