package eventbus

import "github.com/tgtrack/tgtrack/domain/i18n"

// Texts are what Health says is wrong and what to do about it, in every language.
func Texts() []i18n.Text {
	return []i18n.Text{
		{EN: "events and conversions wait in the database meanwhile",
			RU: "события и конверсии тем временем ждут в базе"},
		{EN: "the consumer %s of %s does not answer", RU: "потребитель %s стрима %s не отвечает"},
		{EN: "it is made again by itself; if it stays so, see the log of the NATS servers",
			RU: "он создастся снова сам; если не помогло, посмотрите лог серверов NATS"},
		{EN: "give the user of NATS these rights: %s", RU: "дайте пользователю NATS эти права: %s"},
		{EN: "%s does not take what is published: %s", RU: "%s не принимает публикации: %s"},
		{EN: "see the log of the NATS server, and whether its disk is full; it is tried again by itself",
			RU: "посмотрите лог сервера NATS и не полон ли его диск; попытки продолжаются сами"},
		{EN: "it is full: see why nothing is sent, or raise nats.max_bytes.conversions; it is tried again by itself",
			RU: "он полон: посмотрите, почему ничего не отправляется, или увеличьте nats.max_bytes.conversions; " +
				"попытки продолжаются сами"},
		{EN: "%s is missing", RU: "стрима %s нет"},
		{EN: "the service makes it again by itself; if it stays missing, see the log; tgtrack replay refill fills it",
			RU: "сервис создаст его снова сам; если его всё нет, посмотрите лог; заполнит его tgtrack replay refill"},
		{EN: "JetStream does not answer: it is switched off on the NATS server, or its cluster has no leader",
			RU: "JetStream не отвечает: он выключен на сервере NATS или у кластера нет лидера"},
		{EN: "switch it on (nats-server -js), or bring back more than half of the nodes",
			RU: "включите его (nats-server -js) или верните больше половины узлов"},
		{EN: "%s does not answer: %s", RU: "%s не отвечает: %s"},
		{EN: "the nodes that keep it are away or have no leader",
			RU: "узлы, где он хранится, недоступны или без лидера"},
		{EN: adviceRecreate,
			RU: "верните узлы, где он хранится; если их больше нет, создайте его снова: tgtrack streams recreate %s"},
		{EN: "%s has no leader: half of the nodes that keep it are away, or more",
			RU: "у %s нет лидера: недоступна половина его узлов или больше"},
		{EN: "%s has %d of %d copies: %s is away", RU: "%s: копий %d из %d, недоступен %s"},
		{EN: "bring the node back; one that is gone for ever is taken out with: nats server raft peer-remove",
			RU: "верните узел; потерянный навсегда убирает nats server raft peer-remove"},
		{EN: "%s is missing and can not be made: %s", RU: "стрима %s нет, и создать его не удаётся: %s"},
		{EN: "%s can not be changed to what is set: %s", RU: "%s не удаётся привести к настройкам: %s"},
		{EN: "it is tried again by itself; if it stays missing, see the log of the NATS server",
			RU: "попытки продолжаются сами; если его всё нет, посмотрите лог сервера NATS"},
		{EN: adviceRoom,
			RU: "дайте JetStream больше места (max_file_store сервера NATS, лимиты аккаунта или место на диске для " +
				"встроенного) или просите меньше %d МиБ настройкой %s и перезапустите"},
		{EN: "allow the account more streams on the NATS server",
			RU: "разрешите аккаунту больше стримов на сервере NATS"},
		{EN: "another stream has its subjects; remove that one, or give the service an account of its own",
			RU: "его темы заняты другим стримом; удалите тот или дайте сервису отдельный аккаунт"},
		{EN: "change on the NATS server what the reason names",
			RU: "измените на сервере NATS то, что названо причиной"},
		{EN: adviceAgain, RU: "попытки продолжаются сами, а заполнит его tgtrack replay refill"},
	}
}
