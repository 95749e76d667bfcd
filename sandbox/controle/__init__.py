"""Everything the control page can do, each as one POST endpoint.

Bodies are forms or JSON. With `Accept: application/json` the answer is JSON:
`{"ok": true, ...}` or, with status 404, 409 or 422, `{"erro": "..."}`. Without it a
success goes back to the page (303). Seconds and amounts are numbers, switches
`true`/`false` (a form may send `on`). <s> is a session's name, <id> a message's bare
or full id.

GET  /controle/estado.json      sessions with messages, fault, calls, deliveries (newest
                                first), counts; `contagens.webhooks_pendentes` is 0 when
                                nothing is under way
GET  /controle/correio.json     {"correios": [...]} newest first; porta, falha
POST /controle/reiniciar        forget everything; speed as at the start
POST /controle/velocidade       fator: 1 is real time, 0.01 a hundred times faster
POST /controle/servidor         versao, motor, camada: as /api/server/version tells; or
                                perfil: the three in one, apart by blanks
POST /controle/servidor/reiniciar   esquecer ("", webhooks, tudo): a new process; what
                                was under way is lost, what ran starts again
POST /controle/servidor/queda   segundos (30; 0 ends it), modo (fora_502, fora_muda)
POST /controle/arquivos/apagar  the media the server offers are gone
POST /controle/falha            tipo, chamadas (1), segundos, alvo (part of the path)
                                tipos: sandbox.waha.falhas.TIPOS; empty turns it off
POST /controle/webhooks         duplicar ("", evento, identica), embaralhar, descartar:
                                how many to lose; a field left out keeps its value
POST /controle/correio/falha    tipo, mensagens (1), segundos (10); empty turns it off
                                tipos: sandbox.correio.falhas.TIPOS
POST /controle/correio/esvaziar

POST /controle/sessoes/<s>/escanear      numero, nome: the phone reads the QR code
POST /controle/sessoes/<s>/codigo        codigo, nome: the phone types the pairing code
                                         (empty: the one that was given out)
POST /controle/sessoes/<s>/passkey       numero, nome: read, and a passkey is asked for
POST /controle/sessoes/<s>/passkey/assinar | /passkey/confirmar
POST /controle/sessoes/<s>/qr/renovar    this code expires, the next one comes
POST /controle/sessoes/<s>/qr/expirar    all six expired: FAILED
POST /controle/sessoes/<s>/sair          removed on the phone: WORKING -> FAILED
POST /controle/sessoes/<s>/banir         FAILED, and this number never comes back
POST /controle/sessoes/<s>/internet      segundos (5, scaled): STARTING, then WORKING
POST /controle/sessoes/<s>/surda         ligado: WORKING, and no webhook leaves
POST /controle/sessoes/<s>/tempestade    quantos (50): so many session.status at once
POST /controle/sessoes/<s>/automatico    ligado: deliver and read by itself
POST /controle/sessoes/<s>/presenca      numero, estado (online, offline, typing,
                                         recording, paused)
POST /controle/sessoes/<s>/cliente       the customer writes; besides the content:
                                         numero, nome, lid, sem_telefone, responde_a
                                         (an id), grupo (a name)
POST /controle/sessoes/<s>/celular       numero, nome and content: typed on the
                                         account's own phone
    content: tipo (texto, imagem, documento, audio, video, figurinha, localizacao,
    contato), texto; of a file also defeito (sandbox.waha.midias.DEFEITOS), and dados
    (base64), mimetype, arquivo (its name) in place of the sample; latitude, longitude,
    lugar; contato_nome, contato_numero
POST /controle/sessoes/<s>/mensagens/<id>/entregar | /ler | /recusar
POST /controle/sessoes/<s>/mensagens/<id>/ack      valor (-1 to 4): report it, in any
                                                   order; the message stays as it is
POST /controle/sessoes/<s>/mensagens/<id>/reagir   emoji (empty takes it back), origem
POST /controle/sessoes/<s>/mensagens/<id>/editar   texto
POST /controle/sessoes/<s>/mensagens/<id>/apagar
    origem is cliente (who is on the other side) or app (the account's own phone)

Numbers ending in 404 have no WhatsApp. Brazilian accounts from area code 31 on are
known without the ninth digit, and a text to the other spelling goes nowhere.

Of Meta; <pessoa>, <pagina>, <form>, <lead> are ids as Graph tells them. The app is
1900000000001, its secret SANDBOX_CHAVE, its verify token SANDBOX_CHAVE-verificacao.

GET  /controle/graph.json       app, people, pages with forms, newest leads, fault,
                                calls, deliveries, answers of callbacks, counts
POST /controle/graph/leads      form_id (several, "1,2", take turns), quantos (1, up to
                                1000), por_entrega (1), webhook (true); origem
                                (organico, fb, ig), modo ("", perder, uma_vez,
                                duas_vezes, fora_de_ordem, atrasado), segundos
                                (30, scaled: how late), ha_segundos (how long ago it was
                                sent), legivel_em (scaled: 100/33 until then), nota (an
                                unknown field of the webhook), respostas
                                {key: value or [values]} (else each is another person),
                                consentimentos {key: bool} -> ids
POST /controle/graph/leads/<lead>/reenviar | /apagar
POST /controle/graph/teste      the dashboard's Test button
POST /controle/graph/falha      tipo, chamadas (1), segundos, minutos (19), alvo: tipos
                                sandbox.graph.falhas.TIPOS, alvos
                                sandbox.graph.rotas.OPERACOES; empty turns it off
POST /controle/graph/app        exige_prova, ao_vivo, nega_anuncios, uso (percent),
                                segredo; what is left out stays
POST /controle/graph/pessoas/<pessoa>/token      escopos, paginas (lists; all), segundos
                                                 (5400; 0 never ends) -> access_token,
                                                 as if through the dialog
POST /controle/graph/pessoas/<pessoa>/revogar    avisar (false), url: the app removed
POST /controle/graph/pessoas/<pessoa>/vencer     tokens with an end come to it
POST /controle/graph/pessoas/<pessoa>/derrubar   subcodigo (460): every token dies
POST /controle/graph/pessoas/<pessoa>/bloquear   ligado: 459 whatever token comes
POST /controle/graph/pessoas/<pessoa>/desautorizar | /exclusao   url
POST /controle/graph/paginas/<pagina>/papel      pessoa, ligado (false): her role
POST /controle/graph/paginas/<pagina>/trancar    ligado: Leads Access Manager
POST /controle/graph/paginas/<pagina>/desinscrever
POST /controle/graph/paginas/<pagina>/uso        uso (percent), minutos, cota (calls
                                                 a day; 0 is Meta's own sum)
POST /controle/graph/formularios/<form>/pergunta rotulo: one more question
"""
