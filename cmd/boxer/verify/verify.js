// What a browser does for boxer verify: it makes the box, runs the program as
// process 1 and sends back what became of it.
(async () => {
	const token = location.hash.slice(1);
	const answer = { agent: navigator.userAgent, stdout: "", stderr: "", exitCode: 0, tree: "", error: "", failed: "" };
	const bytes = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
	const base64 = (data) => {
		let text = "";
		for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
		return btoa(text);
	};
	try {
		const job = await (await fetch("verify.json")).json();
		const box = await Box.create({
			image: new URL("image/", document.baseURI).href, env: job.env ?? [], hostname: job.hostname, user: job.user, workdir: job.workdir,
			...job.memory && { memory: job.memory },
		});
		// A program that does not start has a box and its files all the same.
		await run(box, job).catch((e) => {
			if (!e.exitCode) throw e;
			Object.assign(answer, { error: e.message, exitCode: e.exitCode });
		});
		answer.tree = await box.tree();
	} catch (e) {
		answer.failed = e.message ?? String(e);
	}
	await fetch("result", { method: "POST", headers: { "x-token": token }, body: JSON.stringify(answer) });

	async function run(box, job) {
		const program = await box.spawn(job.command ?? null, {
			init: true, stdin: job.stdin !== undefined, ...job.entrypoint && { entrypoint: job.entrypoint },
		});
		if (job.stdin !== undefined) {
			const input = Uint8Array.from(atob(job.stdin), (c) => c.charCodeAt(0));
			// A program may end without reading all.
			(async () => { if (input.length) await program.write(input); await program.write(null); })().catch(() => {});
		}
		const [stdout, stderr, end] = await Promise.all([bytes(program.stdout), bytes(program.stderr), program.exited]);
		Object.assign(answer, { stdout: base64(stdout), stderr: base64(stderr), exitCode: end.exitCode, error: end.error });
	}
})();
