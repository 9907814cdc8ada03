-- A hub's database as the first migration alone leaves it, with a row in every table. From the first release on this file
-- is never edited: it stands for the databases that are installed. Client 'older-agent' has the token
-- 'token-of-an-older-hub'.
CREATE TABLE migration (number integer primary key, name text not null, appliedAtMs integer not null) strict;
CREATE TABLE "enrollment" ("secretHash" text primary key, "role" text, "createdAtMs" bigint not null, "expiresAtMs" bigint, "revokedAtMs" bigint, "usesLeft" integer);
CREATE TABLE "client" ("id" text primary key, "role" text not null, "name" text not null, "extension" text, "email" text, "machine" text not null, "tokenHash" text not null unique, "createdAtMs" bigint not null, "lastSeenMs" bigint not null, "revokedAtMs" bigint);
CREATE TABLE "note" ("name" text primary key, "value" text not null, "savedAtMs" bigint not null);
CREATE TABLE "call" ("callId" text primary key, "agentId" text, "extension" text not null, "phase" text not null, "startedAtMs" bigint not null, "endedAtMs" bigint, "callJson" text not null);
CREATE INDEX "callByStart" on "call" ("startedAtMs");
CREATE TABLE "callAlias" ("alias" text primary key, "callId" text not null references "call" ("callId") on delete cascade);
CREATE TABLE "recordingProgress" ("recordingId" text primary key, "callId" text not null, "fence" integer not null, "doneAtMs" bigint, "erasedAtMs" bigint);
CREATE TABLE "utterance" ("utteranceId" text primary key, "recordingId" text not null, "callId" text not null, "channel" text not null, "part" integer not null, "fromMs" bigint not null, "toMs" bigint not null, "utteranceJson" text not null);
CREATE INDEX "utteranceByRecording" on "utterance" ("recordingId", "channel", "part", "toMs");
CREATE INDEX "utteranceByCall" on "utterance" ("callId");
CREATE TABLE "draft" ("draftId" text primary key, "callId" text not null unique, "agentId" text, "at" text not null, "updatedAtMs" bigint not null, "draftJson" text not null);
CREATE TABLE "outbox" ("rowId" integer primary key autoincrement, "draftId" text not null references "draft" ("draftId"), "callId" text not null, "kind" text not null, "at" text not null, "dueAtMs" bigint not null, "rowJson" text not null);
CREATE UNIQUE INDEX "oneTicket" on "outbox" ("draftId") where "kind" = 'ticket';
CREATE INDEX "outboxByDraft" on "outbox" ("draftId");
CREATE INDEX "outboxByCall" on "outbox" ("callId");
CREATE INDEX "outboxByState" on "outbox" ("at", "rowId");
CREATE INDEX "draftByState" on "draft" ("at", "updatedAtMs");
insert into migration values (1, 'tables', 1795500000000);
insert into enrollment values ('X-hash-of-a-secret', 'agent', 1795500000000, null, null, null);
insert into client values ('older-agent', 'agent', 'Anna', '101', null, 'PC-1', 'pdwy59ODWb3rDdpEtlcJmKlwBdPq06vXH1sj6MuwWkI', 1795500000000, 1795500000000, null);
insert into note values ('ninjaone.refreshToken', 'rotated', 1795500000000);
insert into call values ('older-call', 'older-agent', '101', 'done', 1795500000000, 1795500060000, '{"callId":"older-call","revision":4,"phase":"done","direction":"inbound","extension":"101","remoteNumber":"+33240112233","startedAtMs":1795500000000,"endedAtMs":1795500060000,"recordingId":"older-recording","recording":"complete","agentId":"older-agent","agentName":"Anna"}');
insert into callAlias values ('older-alias', 'older-call');
insert into recordingProgress values ('older-recording', 'older-alias', 3, 1795500061000, null);
insert into utterance values ('older-utterance', 'older-recording', 'older-alias', 'caller', 1, 400, 2100, '{"utteranceId":"older-utterance","recordingId":"older-recording","channel":"caller","part":1,"state":"final","fromMs":400,"toMs":2100,"text":"Bonjour, mon imprimante est en panne.","words":[],"atMs":1795500000400}');
insert into draft values ('older-draft', 'older-call', 'older-agent', 'filed', 1795500070000, '{"draft":{"draftId":"older-draft","callId":"older-call","revision":6,"state":{"at":"filed","ticketId":"77","filedAtMs":1795500070000},"fields":{"title":"Imprimante en panne","description":"Bonjour, mon imprimante est en panne.","category":"printer","priority":"MEDIUM","contactId":null,"contactName":null,"organizationId":null,"organizationName":null,"actions":[{"text":"Rappeler","done":false}]},"sentiment":"neutral","evidence":{"category":["imprimante"],"priority":[],"sentiment":[]},"transcript":"complete","extension":"101","createdAtMs":1795500000000},"agentId":"older-agent","call":{"callId":"older-call","revision":4,"phase":"done","direction":"inbound","extension":"101","startedAtMs":1795500000000,"endedAtMs":1795500060000,"recording":"complete"},"lifecycle":{"state":{"at":"filed","ticketId":"77","filedAtMs":1795500070000},"sinceMs":1795500070000,"sent":true},"edited":{"title":"Imprimante en panne"},"endedAtMs":1795500060000,"commented":true}');
insert into outbox values (1, 'older-draft', 'older-call', 'ticket', 'done', 0, '{"write":{"kind":"ticket","marker":"call:older-call","subject":"Imprimante en panne","description":"Bonjour, mon imprimante est en panne.","priority":"MEDIUM","organizationId":null,"requesterId":null},"state":{"at":"done","ticketId":"77"}}');
insert into outbox values (2, 'older-draft', 'older-call', 'comment', 'done', 0, '{"write":{"kind":"comment","marker":"call:older-call","body":"Transcription","fileName":"transcript.txt","file":"Bonjour, mon imprimante est en panne."},"state":{"at":"done","ticketId":"77"}}');
