// Landing script: a visitor who goes from the advertiser's page to the bot is
// taken over the click link, with what the page knows of the visit. Served
// without comment lines and indentation, behind it the call with
// {base, link, bot, invite, cookies, params}. It must never throw into the
// page: whatever fails in it leaves the page's links as they are.
(C => {
	const D = document, W = window, L = location, N = W.navigation, first = L.search, base = C.base + "/c/" + C.link,
		// The options are attributes of the script element. A module has no currentScript.
		O = (D.currentScript || D.querySelector(`script[src*="link=${C.link}"]`) || 0).dataset || {},
		guard = (f, or) => a => { try { return f(a) } catch (e) { return or } }
	// client is Metrica's ClientID; moving is the click of a link that is under
	// way; spared is when a link was clicked that wants to be left alone.
	let client, moving, spared = -999

	// ours: does an address lead where the click link leads? Mini apps, groups
	// and posts are other places than the chat with the bot.
	const ours = s => {
		s = (s || "").trim().replace(/^tg:\/*resolve\/?\?(.*&)?domain=(\w+)/i,
			"//t.me/$2?$1").replace(/^tg:\/*join\/?\?invite=/i, "//t.me/+")
		const m = s.match(
		/^(?:https?:)?\/\/(?:(?:www\.)?(?:t\.me|telegram\.(?:me|dog))|(\w+)\.t\.me)(?=[/?#]|$)\/?([^?#]*)\??([^#]*)/i
		)
		if (!m || !(C.bot + C.invite) || /(^|&)(start[a-z]+|attach|game|post)(=|&|$)/i.test(m[3])) return
		const n = ((m[1] ? m[1] + "/" : "") + m[2]).replace(/\/+$/, "").replace(/^joinchat\//, "+"),
			l = n.toLowerCase()
		return n && (l == C.bot.toLowerCase() || n == C.invite ||
			"any" in O && /^(\+(?!\d+$)[\w-]+|(?!(share|proxy|socks|login)$)\w{4,32})$/.test(l))
	},

	// ask has Metrica tell the ClientID, now, later or never.
	ask = guard(() => {
		let y = W.ym,
			id = O.counter || (Object.keys(W).find(k => /^yaCounter\d+$/.test(k)) || "").slice(9) || y.a[0][0]
		client || y(+id, "getClientID", v => client = v)
	}),

	// url is the click link. The page's own parameters go raw, those that were
	// there at first, too: some pages clear their address.
	url = guard(() => {
		const now = L.search, q = [first, now != first && now].filter(s => s && s[1]).map(s => s.slice(1)), has = {},
			add = (k, v) => v && !has[k] && q.push(k + "=" + encodeURIComponent(has[k] = v))
		ask()
		add("ym_uid", client)
		guard(() => D.cookie.split("; ").map(c => {
			const m = C.cookies && RegExp(`^(${C.cookies})=(.*)`).exec(c)
			m && add((C.params || 0)[m[1]] || m[1], m[2])
		}))()
		add("tg_url", L.href.split(/[?#]/)[0])
		add("tg_ref", D.referrer.slice(0, 999))
		return base + (q[0] ? "?" + q.join("&") : "")
	}, base),

	// go leaves the page. During a click on a link the browser does.
	go = guard(how => {
		let to = url(), w
		if (moving) moving.late = 1
		else if (how == "blank" && (w = W.open(to))) w.opener = null
		else how == "replace" ? L.replace(to) : L.href = to
	}),
	get = (n, k) => n.getAttribute(k),
	stop = e => { e.preventDefault(); e.stopImmediatePropagation() },
	on = (t, k, f) => t.addEventListener(k, guard(f), true),

	// onClick comes before the page's handlers. A link has the click link's
	// address for the moment of the click: new tabs, keys and targets stay the
	// browser's business. The page's handlers run where onNavigate can catch
	// what they do, else they are kept from running.
	onClick = e => {
		let hit
		e.button > 1 || e.defaultPrevented || e.composedPath().map(n => {
			if (n.nodeType != 1) return
			const mark = get(n, "data-tgtrack"), code = get(n, "onclick") || "", old = get(n, "href"),
				a = /^(a|area)$/i.test(n.localName) && old != null, given = mark != null,
				f = code.split(/['"`\s]/).some(ours) || given && !a
			if (mark == "off") spared = e.timeStamp
			if (!hit) hit = f && e.type == "click" ? () => {
				stop(e)
				go(e.ctrlKey || e.metaKey || /\bopen\b/.test(code) ? "blank" : "")
			} : a && (given || ours(old)) && (() => {
				const to = url(), m = moving = {}
				n.setAttribute("href", to)
				if (O.handlers == "stop" || !N && O.handlers != "run") e.stopImmediatePropagation()
				setTimeout(() => {
					get(n, "href") == to && n.setAttribute("href", old)
					moving = 0
					m.late && e.defaultPrevented && go()
				})
			})
		})
		hit && spared != e.timeStamp && hit()
	}

	guard(() => {
		on(D, "click", onClick)
		on(D, "auxclick", onClick)
		on(D, "submit", e => {
			const f = e.target, b = e.submitter
			if (get(f, "data-tgtrack") != "off" && ours(b && get(b, "formaction") || get(f, "action"))) {
				stop(e)
				go(get(f, "target") == "_blank" ? "blank" : "")
			}
		})
		// Redirects by script, in browsers with the Navigation API.
		N && on(N, "navigate", e => {
			if (e.cancelable && e.timeStamp > spared + 500 && ours(e.destination.url)) {
				e.preventDefault()
				go(e.navigationType)
			}
		})
		on(W, "load", ask)
		W.tgtrack = W.tgtrack || { url, go }
		ask()
	})()
})
