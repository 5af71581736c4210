// A message centre for tests: the `smpp` package's server (MIT), told what to do with each message
// by its text. Prints one JSON object a line: what was bound, submitted, and asked of it.
const smpp = require("smpp");
const [port, user, password] = process.argv.slice(2);
let given = 0;

const tell = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const text = (pdu) => {
  const said = pdu.short_message.message;
  return Buffer.isBuffer(said) ? said.toString("latin1") : said;
};

const receipt = (session, pdu, id, state) => session.deliver_sm({
  source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
  short_message: `id:${id} sub:001 dlvrd:001 submit date:2611270000 done date:2611270000 ` +
    `stat:${state} err:000 text:x`,
});

const answer = (session, pdu) => {
  const said = text(pdu);
  tell({ event: "submit", to: pdu.destination_addr, from: pdu.source_addr, text: said,
    coding: pdu.data_coding, esm_class: pdu.esm_class, udh: pdu.short_message.udh,
    receipt: pdu.registered_delivery });
  if (said.includes("#cut")) return session.socket.destroy();
  if (said.includes("#full")) return session.send(pdu.response({ command_status: 0x14 }));
  if (said.includes("#no")) return session.send(pdu.response({ command_status: 0x0b }));
  const id = `m${++given}`;
  session.send(pdu.response({ message_id: id }));
  if (pdu.registered_delivery) {
    setTimeout(() => receipt(session, pdu, id, said.includes("#late") ? "UNDELIV" : "DELIVRD"), 20);
  }
  if (said.includes("#stop")) {
    setTimeout(() => session.deliver_sm({ source_addr: pdu.destination_addr,
      destination_addr: pdu.source_addr, data_coding: 8,
      short_message: Buffer.from("Тоқта", "utf16le").swap16() }), 40);
  }
};

const server = smpp.createServer((session) => {
  const bind = (pdu) => {
    const right = pdu.system_id === user && pdu.password === password;
    tell({ event: "bind", right });
    session.send(pdu.response(right ? {} : { command_status: smpp.ESME_RINVPASWD }));
    if (!right) session.close();
  };
  for (const kind of ["bind_transceiver", "bind_transmitter", "bind_receiver"]) {
    session.on(kind, bind);
  }
  session.on("submit_sm", (pdu) => answer(session, pdu));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => { session.send(pdu.response()); session.close(); });
  session.on("error", () => {});
});
server.on("error", (error) => tell({ event: "error", text: String(error) }));
server.listen(Number(port), "127.0.0.1", () => tell({ event: "ready" }));
