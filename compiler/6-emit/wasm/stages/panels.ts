/** How packed matrices lie: panels of 8 columns, [matrix][panel][row][8]. */
export const panelWidth = 8;
