/** Stands for an imported style sheet or picture. */
export default 'asset';
