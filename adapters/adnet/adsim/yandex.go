package adsim

import "net/http"

func newYandex(s *Sim) http.Handler { return http.NotFoundHandler() }
