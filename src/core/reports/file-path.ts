export const FILES = '/reports/files/{id}/';

/** Where an export's file is downloaded. */
export const filePath = (id: string): string => FILES.replace('{id}', id);
