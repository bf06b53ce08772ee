E := tcp:1 # c
export COWRIE_A_LISTEN_ENDPOINTS ?= $(E)
-run: x ; daphne -e tcp:2
	@cd $$A && $(V)/daphne \
	 -e "tcp:$(E)" -e {{ x }}
