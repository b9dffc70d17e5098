/**
 * Takes from a terminal what a program's output could do to its reader:
 * setting or reading the clipboard (OSC 52), and answers whose words the
 * program chose, which a shell would take for typing: status strings
 * (DECRQSS), terminfo (XTGETTCAP), titles and the window's operations, fonts
 * (OSC 50). The same is refused on the command line (cmd/boxer/termfilter.go).
 * What programs ask a terminal for (its kind, the cursor's place, colours) is
 * answered as ever.
 * @param {{parser: any}} term
 */
export function silence({ parser }) {
	const swallow = () => true;
	for (const osc of [50, 52, 777, 1337]) parser.registerOscHandler(osc, swallow);
	// Titles go nowhere: the page is not the box's to name.
	for (const osc of [0, 1, 2]) parser.registerOscHandler(osc, swallow);
	for (const id of [{ intermediates: "$", final: "q" }, { intermediates: "+", final: "q" }]) parser.registerDcsHandler(id, swallow);
	parser.registerCsiHandler({ final: "t" }, swallow);
}
