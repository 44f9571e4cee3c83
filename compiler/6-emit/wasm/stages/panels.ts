/** How packed matrices lie: panels of 8 columns, [panel][row][8]. */
export const panelWidth = 8;
