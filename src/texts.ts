/** React escapes by itself what it shows: a name in a text stays as it is. */
export const AS_TEXT = { interpolation: { escapeValue: false } } as const;
