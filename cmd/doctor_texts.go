package cmd

import (
	"maps"
	"slices"

	"github.com/tgtrack/tgtrack/domain"
	"github.com/tgtrack/tgtrack/domain/i18n"
)

// doctorTexts is what tgtrack doctor says, for the page of the service, which
// says it in the language of whoever reads. The command itself speaks English.
func doctorTexts() []i18n.Text {
	var out []i18n.Text
	for _, ts := range [][]i18n.Text{
		doctorSettingTexts(), doctorDatabaseTexts(), doctorProcessTexts(), doctorStreamTexts(), doctorProjectTexts(),
	} {
		out = append(out, ts...)
	}
	return slices.AppendSeq(out, maps.Values(domain.HealthTexts()))
}

// doctorSettingTexts are about the configuration, the disk and the clock.
func doctorSettingTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "a server answers, and does not take the admin token",
			RU: "сервер отвечает, но не принимает токен администратора"},
		{EN: "run this with the server's configuration; the token is admin_token, or the file admin-token in its " +
			"data_dir",
			RU: "запустите это с конфигурацией сервера: токен — это admin_token или файл admin-token в его data_dir"},
		{EN: "no server answers, so the streams and what is in memory can not be looked at: %s",
			RU: "сервер не отвечает, поэтому стримы и память не проверить: %s"},
		{EN: "start it with tgtrack serve and the same configuration, and see its log; a process that runs " +
			"elsewhere is asked there",
			RU: "запустите его командой tgtrack serve с той же конфигурацией и посмотрите его лог; процесс на " +
				"другой машине спрашивают там"},
		{EN: "a check broke off: %s", RU: "проверка оборвалась: %s"},
		{EN: "please report it", RU: "сообщите нам об этом"},
		{EN: "nothing unusual; roles: %s", RU: "ничего необычного; роли: %s"},
		{EN: "public_url is %s: no constructor and no visitor reaches that",
			RU: "public_url равен %s: туда не попадёт ни конструктор, ни посетитель"},
		{EN: "set public_url to the https:// address that the world sees",
			RU: "укажите в public_url адрес https://, который виден снаружи"},
		{EN: "public_url is not https://: keys travel in the open",
			RU: "public_url без https://: ключи передаются открыто"},
		{EN: "serve through a proxy with TLS and set public_url to its https:// address",
			RU: "поставьте перед сервисом прокси с TLS и укажите его адрес https:// в public_url"},
		{EN: "http.trusted_proxies is empty: every visitor has the address of the proxy",
			RU: "http.trusted_proxies не заполнен: у всех посетителей адрес прокси"},
		{EN: "name the proxy's network in http.trusted_proxies", RU: "укажите сеть прокси в http.trusted_proxies"},
		{EN: "admin_token is short enough to be guessed", RU: "admin_token короткий, его можно подобрать"},
		{EN: "make one with: openssl rand -hex 32", RU: "создайте новый: openssl rand -hex 32"},
		{EN: "outbound.allow_private is on: addresses that users enter may lead into your network",
			RU: "outbound.allow_private включён: адреса, которые вводят пользователи, могут вести в вашу сеть"},
		{EN: "switch it off unless all who have accounts are yours",
			RU: "выключите, если аккаунты есть не только у своих"},
		{EN: "requests.keep_ignored is on: people's private messages are kept",
			RU: "requests.keep_ignored включён: хранятся личные сообщения людей"},
		{EN: "switch it off when what you looked for is found", RU: "выключите, когда найдёте то, что искали"},
		{EN: "log.level is debug", RU: "log.level равен debug"},
		{EN: "set it to info", RU: "поставьте info"},
		{EN: "adnetworks.%s.base_url is not the vendor's: %s",
			RU: "adnetworks.%s.base_url — не адрес самой сети: %s"},
		{EN: "conversions go there; take the setting out unless it is your proxy",
			RU: "конверсии уходят туда; уберите настройку, если это не ваш прокси"},
		{EN: "%s of %s free in %s", RU: "свободно %s из %s в %s"},
		{EN: "the room in %s is not known", RU: "неизвестно, сколько места в %s"},
		{EN: "look at it by other means", RU: "посмотрите другими средствами"},
		{EN: "make room, or move data_dir; below disk.clicks_below (%s) clicks are not stored, below disk.reserve " +
			"(%s) requests are answered 503",
			RU: "освободите место или перенесите data_dir; ниже disk.clicks_below (%s) клики не сохраняются, ниже " +
				"disk.reserve (%s) запросы получают 503"},
		{EN: "make room, or move data_dir; it heals by itself",
			RU: "освободите место или перенесите data_dir; дальше всё наладится само"},
		{EN: "the disk fills up", RU: "диск заполняется"},
		{EN: "the disk is nearly full: clicks are not stored, visitors get the link's own start value",
			RU: "диск почти полон: клики не сохраняются, посетители получают собственную метку ссылки"},
		{EN: "the disk is nearly full: requests are answered 503", RU: "диск почти полон: запросы получают 503"},
		{EN: "there is room", RU: "место есть"},
		{EN: "it is %s", RU: "%s"},
		{EN: "the server's clock and the one here differ by %s", RU: "часы сервера и здешние расходятся на %s"},
		{EN: "let both follow NTP", RU: "настройте обоим NTP"},
		{EN: "the server's clock agrees with the one here", RU: "часы сервера совпадают со здешними"},
		{EN: "the database's clock and the server's differ by %s", RU: "часы базы и сервера расходятся на %s"},
		{EN: "the newest event was recorded in the future: the clock was set back by %s, or another host's is ahead",
			RU: "последнее событие записано в будущем: часы перевели назад на %s или на другой машине они спешат"},
		{EN: "let all hosts follow NTP: what is recorded and limited goes by the database's clock",
			RU: "настройте NTP на всех машинах: записи и лимиты идут по часам базы"},
	}
}

// doctorDatabaseTexts are about the database.
func doctorDatabaseTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "there is no database in %s yet", RU: "в %s ещё нет базы"},
		{EN: "the first tgtrack serve makes it", RU: "её создаст первый запуск tgtrack serve"},
		{EN: "it can not be opened: %s", RU: "она не открывается: %s"},
		{EN: "check database.url, and that the server of the database runs",
			RU: "проверьте database.url и работает ли сервер базы"},
		{EN: "it can not be asked: %s", RU: "она не отвечает: %s"},
		{EN: "see that it runs and that database.url is right; requests are answered 503 until then",
			RU: "проверьте, что она работает и что database.url верен; до тех пор запросы получают 503"},
		{EN: "the database did not answer: %s", RU: "база не ответила: %s"},
		{EN: "see the findings about the database", RU: "смотрите, что сказано о базе"},
		{EN: "next month's events have no partition", RU: "для событий следующего месяца нет раздела"},
		{EN: "see why the upkeep of a process with the role relay fails, in its log",
			RU: "посмотрите в логе процесса с ролью relay, почему не удаётся обслуживание"},
		{EN: "it takes %s", RU: "занимает %s"},
		{EN: "the table %s: %s", RU: "таблица %s: %s"},
		{EN: "%d of %d in use", RU: "занято %d из %d"},
		{EN: doConnections,
			RU: "увеличьте max_connections в PostgreSQL, уменьшите database.max_conns каждого процесса или " +
				"поставьте между ними пулер"},
		{EN: "%s may take %d connections together, and PostgreSQL has %d",
			RU: "%s: вместе они могут занять %d соединений, а у PostgreSQL их %d"},
		{EN: "1 process", RU: "1 процесс"},
		{EN: "%d processes", RU: "процессов: %d"},
		{EN: "a pooler before PostgreSQL keeps no prepared statements; they are sent whole",
			RU: "пулер перед PostgreSQL не хранит подготовленные запросы; они отправляются целиком"},
		{EN: "set database.prepared to false, or let it keep them (PgBouncer from 1.21 on: max_prepared_statements)",
			RU: "поставьте database.prepared: false или включите их в пулере (PgBouncer начиная с 1.21: " +
				"max_prepared_statements)"},
		{EN: "begin with an empty database", RU: "начните с пустой базы"},
		{EN: "run the version of tgtrack that the database was used with",
			RU: "запустите ту версию tgtrack, которая работала с этой базой"},
		{EN: "missing: %s", RU: "не применены: %s"},
		{EN: "run tgtrack migrate up, or start tgtrack serve",
			RU: "выполните tgtrack migrate up или запустите tgtrack serve"},
		{EN: "all %d applied", RU: "применены все: %d"},
		{EN: "the setting %s is %s", RU: "настройка %s равна %s"},
		{EN: "set fsync = on in postgresql.conf: without it a power cut can break the whole database",
			RU: "поставьте fsync = on в postgresql.conf: без этого отключение питания может испортить всю базу"},
		{EN: "set full_page_writes = on in postgresql.conf, unless the file system writes pages whole",
			RU: "поставьте full_page_writes = on в postgresql.conf, если файловая система не пишет страницы целиком"},
		{EN: "set synchronous_commit = on: else what was answered 200 can be lost in a crash",
			RU: "поставьте synchronous_commit = on: иначе при сбое можно потерять то, на что ответили 200"},
		{EN: "set autovacuum = on, or the tables grow without end",
			RU: "поставьте autovacuum = on, иначе таблицы растут без конца"},
		{EN: "close other programs that use the file, and start again",
			RU: "закройте другие программы, которые держат файл, и запустите снова"},
		{EN: "what is answered is kept", RU: "всё, на что ответили, сохраняется"},
		{EN: "not known: the extension pg_stat_statements is not there",
			RU: "неизвестно: нет расширения pg_stat_statements"},
		{EN: "%s on the average of %d calls: %s", RU: "в среднем %s за %d вызовов: %s"},
		{EN: "look at it with EXPLAIN (ANALYZE, BUFFERS)", RU: "разберите запрос с EXPLAIN (ANALYZE, BUFFERS)"},
		{EN: "no statement is slow", RU: "медленных запросов нет"},
	}
}

// doctorProcessTexts are about processes and builds.
func doctorProcessTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "they run %d versions", RU: "работают разные версии: %d"},
		{EN: "finish the upgrade: stop the older ones, each after a new one runs",
			RU: "закончите обновление: останавливайте старые, каждый после запуска нового"},
		{EN: "the decoder %s of %s at %s did not come back from two requests and is switched off: its requests are " +
			"answered 503 and kept",
			RU: "декодер %s процесса %s на %s завис на двух запросах и выключен: его запросы получают 503 и " +
				"хранятся"},
		{EN: "look at those requests with tgtrack decode, install a version that reads them, restart, and take " +
			"them with tgtrack replay requests --code 503",
			RU: "посмотрите эти запросы командой tgtrack decode, поставьте версию, которая их читает, " +
				"перезапустите и заберите их командой tgtrack replay requests --code 503"},
		{EN: "%s at %s: %s; version %s, up since %s, last sign %s ago",
			RU: "%s на %s: %s; версия %s, работает с %s, последний признак жизни %s назад"},
		{EN: "it was killed, hangs or does not reach the database: see its host and its log, and start it again. " +
			"Others take over what it had begun; without a successor at its address it leaves this list %s after " +
			"its last sign",
			RU: "его убили, он завис или не достаёт до базы: посмотрите машину и лог и запустите его снова. " +
				"Начатое им закончат другие; если на его адресе никого нет, он пропадёт из списка через %s после " +
				"последнего признака"},
		{EN: "no process has the role %s: %s", RU: "ни у одного процесса нет роли %s: %s"},
		{EN: "no request is taken", RU: "запросы не принимаются"},
		{EN: "events and conversions wait in the database, and nothing is sent",
			RU: "события и конверсии ждут в базе, ничего не отправляется"},
		{EN: "no conversion is sent", RU: "конверсии не отправляются"},
		{EN: "no figures are added up, and no digest and no alert is sent",
			RU: "цифры не считаются, сводки и оповещения не отправляются"},
		{EN: "start one with roles: %s and the same database, NATS and secret_key",
			RU: "запустите процесс с roles: %s и теми же базой, NATS и secret_key"},
		{EN: "this build lacks the constructor %s, which %s",
			RU: "в этой сборке нет конструктора %s, а он нужен: %s"},
		{EN: "1 project has", RU: "1 проект"},
		{EN: "%d projects have", RU: "проектов: %d"},
		{EN: "start the build that has it and run tgtrack replay requests; until then requests are answered 404 " +
			"and kept within requests.max_age and requests.max_bytes",
			RU: "запустите сборку, где он есть, и выполните tgtrack replay requests; до тех пор запросы получают " +
				"404 и хранятся в пределах requests.max_age и requests.max_bytes"},
		{EN: "this build lacks the ad network %s, which %s",
			RU: "в этой сборке нет рекламной сети %s, а она нужна: %s"},
		{EN: "1 ad account has", RU: "1 рекламный аккаунт"},
		{EN: "%d ad accounts have", RU: "рекламных аккаунтов: %d"},
		{EN: "what it takes is not known here, so new starts and goals make no conversions for it",
			RU: "что она принимает, здесь неизвестно, поэтому новые старты и цели не дают ей конверсий"},
		{EN: "start the build that has it: conversions wait for it until the network's window is over",
			RU: "запустите сборку, где она есть: конверсии ждут её, пока не выйдет срок приёма сети"},
		{EN: "it has every constructor and ad network that projects use",
			RU: "в ней есть все конструкторы и рекламные сети проектов"},
		{EN: "mend the build", RU: "исправьте сборку"},
		{EN: "set %s to a newer one; the newest that this build knows is %s",
			RU: "поставьте в %s более новую; самая новая из известных этой сборке — %s"},
		{EN: "until when %s serves %s is not known to this build",
			RU: "до какого времени %s поддерживает %s, эта сборка не знает"},
		{EN: "see in the vendor's list that it is served, or take a newer tgtrack",
			RU: "проверьте по списку сети, что версия поддерживается, или обновите tgtrack"},
		{EN: "%s: %s, whose end is not announced", RU: "%s: %s, срок не объявлен"},
		{EN: "%s serves %s no longer since %s", RU: "%s не поддерживает %s с %s"},
		{EN: "%s serves %s until %s", RU: "%s поддерживает %s до %s"},
		{EN: "%s: %s, served until %s", RU: "%s: %s, поддерживается до %s"},
	}
}

// doctorStreamTexts are about NATS and what waits for it.
func doctorStreamTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "%d messages wait for %s", RU: "сообщений: %d, ждут стрим %s"},
		{EN: "the oldest for %s", RU: "самое старое — уже %s"},
		{EN: "see that a process with the role relay runs, that NATS answers and that the stream is not full; " +
			"nothing is lost meanwhile",
			RU: "проверьте, что работает процесс с ролью relay, что NATS отвечает и стрим не полон; за это время " +
				"ничего не теряется"},
		{EN: "it answers, and so does each stream", RU: "отвечает, и каждый стрим тоже"},
		{EN: "%d clicks wait for the database", RU: "кликов: %d, ждут базу"},
		{EN: "nothing if the database is away: they are stored when it is back; else see that a process with the " +
			"role relay runs, and what its log says; they are kept for clicks.wait",
			RU: "ничего, если база недоступна: они сохранятся, когда она вернётся; иначе проверьте, что работает " +
				"процесс с ролью relay, и его лог; они хранятся clicks.wait"},
		{EN: "%s is %d messages behind and works on %d", RU: "%s: в очереди %d, в работе %d"},
		{EN: "start more processes with its role, or see in the log why it is slow",
			RU: "запустите больше процессов с его ролью или посмотрите в логе, почему он медленный"},
		{EN: "%s has %d of %d copies (nats.replicas)", RU: "%s: копий %d из %d (nats.replicas)"},
		{EN: "nothing, if that was just changed: they are made by themselves when the cluster has the nodes and " +
			"the room",
			RU: "ничего, если это только что изменили: копии появятся сами, когда в кластере есть узлы и место"},
		{EN: "%s: %d messages, %s of %s", RU: "%s: сообщений %d, %s из %s"},
		{EN: "kept for %s", RU: "хранятся %s"},
		{EN: "it has no limit of size and may fill the disk; restart the server, which sets one",
			RU: "его размер не ограничен и может занять весь диск; перезапустите сервер, он поставит предел"},
		{EN: "it will refuse more, which are then lost: bring the database back, or raise nats.max_bytes.clicks",
			RU: "новые он не примет, и они потеряются: верните базу или увеличьте nats.max_bytes.clicks"},
		{EN: "it will refuse more, which then waits in the database: see why nothing is sent, or raise " +
			"nats.max_bytes.conversions",
			RU: "новые он не примет, и они подождут в базе: посмотрите, почему ничего не отправляется, или " +
				"увеличьте nats.max_bytes.conversions"},
		{EN: "it is full, so the oldest messages go; raise requests.max_bytes or nats.max_bytes.events to keep more",
			RU: "он полон, и самые старые сообщения уходят; увеличьте requests.max_bytes или " +
				"nats.max_bytes.events, чтобы хранить больше"},
		{EN: "set where the NATS server is (jetstream.sync_interval); what a power cut takes is filled again from " +
			"the database with tgtrack replay refill",
			RU: "настраивается на сервере NATS (jetstream.sync_interval); что пропадёт при отключении питания, " +
				"восстановит из базы tgtrack replay refill"},
		{EN: "every message is synced (nats.sync_always)",
			RU: "каждое сообщение сбрасывается на диск (nats.sync_always)"},
		{EN: "messages are synced within minutes; what a power cut takes is filled again from the database with " +
			"tgtrack replay refill",
			RU: "сообщения сбрасываются на диск за минуты; что пропадёт при отключении питания, восстановит из " +
				"базы tgtrack replay refill"},
		{EN: "not compared with the database: that takes too long", RU: "с базой не сравнивали: это слишком долго"},
		{EN: "%s has what the database has: %d events", RU: "%s: есть всё, что есть в базе, событий: %d"},
		{EN: "%s lacks %d of the %d events that the database has",
			RU: "%s: не хватает %d из %d событий, которые есть в базе"},
		{EN: "fill it with: tgtrack replay refill", RU: "восстановите: tgtrack replay refill"},
		{EN: "looked at since %s", RU: "смотрели с %s"},
	}
}

// doctorProjectTexts are about what projects do.
func doctorProjectTexts() []i18n.Text {
	return []i18n.Text{
		{EN: "all are well, and no conversion is at risk", RU: "все в порядке, конверсиям ничего не грозит"},
		{EN: "%s account %s of project %s: %s", RU: "аккаунт %s %s проекта %s: %s"},
		{EN: "it is paused", RU: "он на паузе"},
		{EN: "%d conversions wait, %d expire within a day", RU: "ждут конверсии: %d, за день истечёт срок у %d"},
		{EN: "make a new token at the network and give it to the account: %s",
			RU: "получите у сети новый токен и задайте его аккаунту: %s"},
		{EN: "mend what the reason says, then: %s", RU: "исправьте то, что названо причиной, затем: %s"},
		{EN: "nothing yet: it is tried again by itself", RU: "пока ничего: он пробует снова сам"},
		{EN: "if that is no longer meant: %s", RU: "если это больше не нужно: %s"},
		{EN: "nothing yet: they are being sent; look again in a while",
			RU: "пока ничего: они отправляются; посмотрите позже"},
		{EN: "%q (%s) had events and has none for %s", RU: "у %q (%s) были события, а теперь их нет уже %s"},
		{EN: "see its last events, and whether the address of the webhook still stands in the constructor; switch " +
			"the project off if the bot is gone",
			RU: "посмотрите последние события и стоит ли ещё адрес вебхука в конструкторе; выключите проект, если " +
				"бота больше нет"},
		{EN: "none fell silent", RU: "никто не замолчал"},
		{EN: "the bot %q (%s) gets members of a channel or group (%s), and no start for a day",
			RU: "бот %q (%s) получает участников канала или группы (%s) и уже день ни одного старта"},
		{EN: "not named", RU: "не названа"},
		{EN: "they count as nothing there: set its kind to channel if the channel is what is advertised",
			RU: "там они не считаются ничем: если рекламируется канал, поставьте проекту вид «канал»"},
		{EN: "%d joins of %q (%s) in a day came by invite links that Telegram told cut off",
			RU: "за день вступлений: %d, у %q (%s), по приглашениям, которые Telegram сообщил не целиком"},
		{EN: "another administrator made them: give each link in Telegram the same name as in tgtrack",
			RU: "их создал другой администратор: дайте каждой ссылке в Telegram то же имя, что в tgtrack"},
		{EN: "%s of %q (%s) in a day are dated ahead of their receipt",
			RU: "%s у %q (%s) за день с датой из будущего"},
		{EN: "1 event", RU: "1 событие"},
		{EN: "%d events", RU: "событий: %d"},
		{EN: "see the clock of the sender, and whether its dates name their zone: one that names none is read in " +
			"the project's",
			RU: "проверьте часы отправителя и есть ли в его датах часовой пояс: дата без пояса читается в поясе " +
				"проекта"},
		{EN: "link %q of %q got %s=%s instead of a click id, %s",
			RU: "ссылка %q проекта %q получила %s=%s вместо id клика: %s"},
		{EN: "1 time", RU: "1 раз"},
		{EN: "%d times", RU: "раз: %d"},
		{EN: "write the macro of the ad network in the advertisement's address as the network spells it, or mend " +
			"the script of the landing page; such clicks are reported to no network",
			RU: "напишите в адресе объявления макрос так, как его пишет рекламная сеть, или исправьте скрипт " +
				"лендинга; о таких кликах не узнает ни одна сеть"},
		{EN: "no click id was a placeholder", RU: "ни один id клика не был незаполненным макросом"},
		{EN: "robots made %d of %d visits of links of %q since yesterday",
			RU: "роботы: %d из %d посещений ссылок проекта %q за сутки"},
		{EN: "robots made %d of %d visits of links since yesterday",
			RU: "роботы: %d из %d посещений ссылок за сутки"},
		{EN: "they make no clicks; see with the ad network what it is paid for",
			RU: "кликов они не дают; выясните у рекламной сети, за что она берёт деньги"},
	}
}
